/* desk/ibc.c - the tables of config.ini keys and exit statuses. */
#include "desk/ibc.h"

#include <stdio.h>

#define FILE_MAX 32768

enum source { FIXED, LOGIN, PASSWORD, MODE, READ_ONLY, SESSION, AUTO, COLD, CLOSED, PORT, BIND };

const struct td_ibc_key td_ibc_keys[] = {
    {"IbLoginId", "the login; secret"},
    {"IbPassword", "the password; secret"},
    {"TradingMode", "always said: its default is live"},
    {"AcceptNonBrokerageAccountWarning", "until the paper dialog is accepted no API answers"},
    {"AcceptIncomingConnectionAction", "trusted addresses connect silently, nobody else does"},
    {"ReadOnlyApi", "yes for recording, no only when orders may leave"},
    {"ExistingSessionDetectedAction", "primary for the trading machine, secondary for test ones"},
    {"ReloginAfterSecondFactorAuthenticationTimeout", "no: our own limited tries"},
    {"AutoRestartTime", "the daily restart, outside the sessions we trade"},
    {"ColdRestartTime", "the Sunday restart, when somebody can approve the login"},
    {"ClosedownAt", "when the gateway ends for good"},
    {"AcceptBidAskLastSizeDisplayUpdateNotification", "or a dialog blocks market data"},
    {"SendMarketDataInLotsForUSstocks", "shares, not lots"},
    {"AllowBlindTrading", "no"},
    {"ResetOrderIdsAtStart", "no: order ids never start again"},
    {"CommandServerPort", "soft restarts; 0 is off"},
    {"BindAddress", "the command port on loopback: its default is every address"},
};
const size_t td_ibc_key_count = TD_COUNT(td_ibc_keys);

static const struct {
    enum source source;
    const char *fixed;
} values[TD_COUNT(td_ibc_keys)] = {
    {LOGIN, NULL},     {PASSWORD, NULL},    {MODE, NULL},  {FIXED, "yes"}, {FIXED, "reject"},
    {READ_ONLY, NULL}, {SESSION, NULL},     {FIXED, "no"}, {AUTO, NULL},   {COLD, NULL},
    {CLOSED, NULL},    {FIXED, "accept"},   {FIXED, "no"}, {FIXED, "no"},  {FIXED, "no"},
    {PORT, NULL},      {BIND, "127.0.0.1"},
};

static const char *value_of(const struct td_settings *s, bool live, size_t i, char *buf, size_t cap)
{
    switch (values[i].source) {
    case LOGIN:
        return s->username;
    case PASSWORD:
        return s->password;
    case MODE:
        return live ? "live" : "paper";
    case READ_ONLY:
        return s->ibc_read_only ? "yes" : "no";
    case SESSION:
        return s->ibc_session;
    case AUTO:
        return s->ibc_auto_restart;
    case COLD:
        return s->ibc_cold_restart;
    case CLOSED:
        return s->ibc_closed_down;
    case PORT:
        (void)snprintf(buf, cap, "%lld", (long long)s->ibc_command_port);
        return buf;
    case BIND:
    case FIXED:
        break;
    }
    return values[i].fixed;
}

static bool fits_a_line(const char *value)
{
    for (const unsigned char *p = (const unsigned char *)value; *p; p++)
        if (*p < 32 || *p > 126)
            return false;
    return true;
}

static void put_value(struct td_text *out, const char *value)
{
    if (*value == ' ')
        td_text_char(out, '\\');
    for (; *value; value++) {
        if (*value == '\\')
            td_text_char(out, '\\');
        td_text_char(out, *value);
    }
}

enum td_err td_ibc_config(const struct td_settings *s, bool live, struct td_text *out,
                          struct td_fail *why)
{
    char buf[32];
    for (size_t i = 0; i < td_ibc_key_count; i++) {
        const char *value = value_of(s, live, i, buf, sizeof buf);
        const bool secret = values[i].source == LOGIN || values[i].source == PASSWORD;
        if (secret && (!value || !*value))
            return td_fail_set(why, TD_EINVAL, "%s is not set: the login controller needs it",
                               values[i].source == LOGIN ? "IB_USERNAME" : "IB_PASSWORD");
        if (!value || !*value)
            continue;
        if (!fits_a_line(value))
            return td_fail_set(why, TD_EINVAL,
                               "the value for %s of the login controller holds a control or "
                               "non-ASCII character; correct the setting",
                               td_ibc_keys[i].key);
        td_text_printf(out, "%s=", td_ibc_keys[i].key);
        put_value(out, value);
        td_text_char(out, '\n');
    }
    return td_text_full(out)
               ? td_fail_set(why, TD_ERANGE, "the login controller's file is too long")
               : TD_OK;
}

/* The compiler may not leave this out: the bytes are looked at afterwards. */
static void wipe(char *bytes, size_t len)
{
    volatile char *p = bytes;
    for (size_t i = 0; i < len; i++)
        p[i] = '\0';
}

enum td_err td_ibc_write(struct td_world *world, const struct td_settings *s, bool live,
                         const char *path, struct td_fail *why)
{
    char bytes[8192], folder[1024];
    struct td_text t;
    td_text_init(&t, bytes, sizeof bytes);
    enum td_err err = td_ibc_config(s, live, &t, why);
    td_path_folder(path, folder, sizeof folder);
    if (!err) {
        err = td_folder_make(world, folder);
        if (err)
            (void)td_fail_set(why, err, "folder %s: %s", folder, td_err_text(err));
    }
    if (!err)
        err = td_file_replace_secret(world, path, (struct td_str){t.buf, t.len}, why);
    wipe(bytes, sizeof bytes);
    return err;
}

/* --- reading --- */

static void take(struct td_str key, struct td_str value, struct td_ibc_found *out)
{
    const struct {
        const char *key;
        char *into;
        size_t cap;
    } rows[] = {{"AutoRestartTime", out->auto_restart, sizeof out->auto_restart},
                {"ClosedownAt", out->closed_down, sizeof out->closed_down},
                {"ColdRestartTime", out->cold_restart, sizeof out->cold_restart}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (td_str_is(key, rows[i].key))
            (void)td_str_copy(value, rows[i].into, rows[i].cap);
    if (td_str_is(key, "IbPassword") && value.len)
        out->has_password = true;
}

void td_ibc_read(struct td_world *world, const char *path, struct td_ibc_found *out)
{
    char bytes[FILE_MAX];
    struct td_fail why = {0};
    size_t len = 0;
    struct td_str line, key;
    *out = (struct td_ibc_found){0};
    enum td_err err = td_file_slurp(world, path, bytes, sizeof bytes, &len, &why);
    if (err == TD_ERANGE)
        (void)td_fail_set(&why, err, "%s: larger than %d KiB; not a login controller's file", path,
                          FILE_MAX / 1024);
    if (!err && memchr(bytes, '\0', len))
        err = td_fail_set(&why, TD_EPARSE, "%s: holds a NUL byte; not a text file", path);
    struct td_str rest = {bytes, err ? 0 : len};
    while (td_str_split(&rest, '\n', &line)) {
        line = td_str_trim(line);
        if (line.len && line.p[0] != '#' && td_str_split(&line, '=', &key) && line.p)
            take(td_str_trim(key), td_str_trim(line), out);
    }
    wipe(bytes, sizeof bytes);
    if (err)
        (void)snprintf(out->trouble, sizeof out->trouble, "%.199s", why.text);
}

/* --- exit statuses: 1 to 8 of the script, 76 to 88 of its Java (1100 to 1112 modulo 256) --- */

static const struct td_ibc_status statuses[] = {
    {1, "the start script misses Java, a version, a path or a file",
     "read its output; look at IBC_PATH and IB_JTS_LINUX_DIR"},
    {2, "the start script misses Java, a version, a path or a file", "read its output"},
    {3, "the start script misses Java, a version, a path or a file", "read its output"},
    {4, "the start script misses Java, a version, a path or a file", "read its output"},
    {5, "the start script misses Java, a version, a path or a file", "read its output"},
    {6, "the start script misses Java, a version, a path or a file", "read its output"},
    {7, "the start script misses Java, a version, a path or a file", "read its output"},
    {8, "the start script misses Java, a version, a path or a file", "read its output"},
    {81, "a setting of the login controller is wrong", "read its log, correct the setting"},
    {84, "the path of jts.ini is wrong", "look at IB_JTS_LINUX_DIR"},
    {85, "jts.ini could not be read or written", "look at its permissions and the disk"},
    {87, "the second factor was not approved in time",
     "approve the login on the phone when it is asked for; try again"},
    {88, "the login window never appeared",
     "look at the display and the gateway's own log; raise LoginDialogDisplayTimeout"},
};

const struct td_ibc_status *td_ibc_status_find(int status)
{
    for (size_t i = 0; i < TD_COUNT(statuses); i++)
        if (statuses[i].status == status)
            return &statuses[i];
    return NULL;
}

const struct td_ibc_status *td_ibc_status_table(size_t *count)
{
    *count = TD_COUNT(statuses);
    return statuses;
}

int td_ibc_prompts(struct td_str log)
{
    static const char mark[] = "Second Factor Authentication initiated";
    int n = 0;
    for (size_t i = 0; i + sizeof mark - 1 <= log.len; i++)
        n += memcmp(log.p + i, mark, sizeof mark - 1) == 0;
    return n;
}
