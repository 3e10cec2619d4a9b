/* main.c - the table of subcommands.
 *
 * Adding one: a file cmd/<name>.c with its function and options, a row here, `make docs` for its page
 * docs/cmd/<name>.md, and a test. See CONTRIBUTING.md.
 */
#include "cmd/cmd.h"

static const struct td_cmd commands[] = {
    {.name = "probe", .run = cmd_probe, .flags = TD_CMD_GATEWAY, .help = "look for a gateway and tell what was found",
     .options = cmd_probe_options, .output = "one JSON line: connected, host, port, clientId, candidates, accounts, hint",
     .aliases = {"ib_probe"}, .needs = {"config:IB_HOST", "config:IB_PORT", "config:IB_CLIENT_ID"},
     .examples = {"tapedeck probe", "tapedeck probe --port 4002 --timeout 5"}},
    {.name = "sim", .run = cmd_sim, .flags = TD_CMD_GATEWAY, .help = "simulate IB Gateway on a TCP port",
     .about = "Clients of the TWS API take it for IB Gateway. It plays recorded market data where there is some and generated\n"
              "order flow elsewhere, says which on the screen, and matches orders with its own exchange. See docs/simulator.md.",
     .options = cmd_sim_options, .output = "which source plays for each symbol, or with --json one JSON line once it listens",
     .needs = {"config:TAPEDECK_DATA", "optional:libzip"},
     .examples = {"tapedeck sim", "tapedeck sim --port 0 --json --symbols SPY,AAPL --speed 10",
                  "tapedeck sim --fault drop-after:20"}},
    {.name = "config", .run = cmd_config, .help = "resolved settings and where each came from",
     .options = cmd_config_options, .output = "a table, or with --json an object of settings", .aliases = {"validate_env"},
     .needs = {"config:.env"}, .examples = {"tapedeck config", "tapedeck config --json"}},
    {.name = "describe", .run = cmd_describe, .help = "describe every command",
     .options = cmd_describe_options, .output = "a list of commands, or with --all a JSON array of descriptions",
     .examples = {"tapedeck describe", "tapedeck describe --all"}},
    {0},
};

int main(int argc, char **argv)
{
    return td_cmd_main(commands, TD_VERSION, TD_COMMIT, argc, argv);
}
