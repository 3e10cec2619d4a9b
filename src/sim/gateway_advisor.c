/* sim/gateway_advisor.c - what belongs to advisors and to third parties: FA groups and aliases, verification.
 *
 * With one account the login is no advisor's and FA requests get error 321. With several, the simulator answers as
 * for an advisor: one group of all accounts, and aliases equal to the account names, until the client replaces
 * them. Replaced documents are kept and given back; orders to FA groups are refused all the same (docs/simulator.md).
 * Source: tws-protocol 4.9, 4.12.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

enum { GROUPS = 1, PROFILES = 2, ALIASES = 3 };

static bool is_advisor(struct td_gateway *g, struct td_gw_client *c, int32_t id, int32_t type)
{
    if (g->ledger.account_count < 2)
        td_gw_error(g, c, id, 321,
                    "Error validating request.-'FA data operations ignored for non FA customers.'");
    else if (type == PROFILES)
        td_gw_error(g, c, id, 321,
                    "Error validating request.-'FA Profiles are not supported: use FA groups'");
    else if (type != GROUPS && type != ALIASES)
        td_gw_error(g, c, id, 321, "Error validating request.-'FA data type %d is not 1 or 3'",
                    (int)type);
    else
        return true;
    return false;
}

static void put_groups(const struct td_gateway *g, struct td_text *t)
{
    td_text_put(t, HEAD "<ListOfGroups>\n<Group>\n<name>All</name>\n<ListOfAccts "
                        "varName=\"list\">\n");
    for (uint32_t i = 0; i < g->ledger.account_count; i++)
        td_text_printf(t, "<Account><acct>%s</acct></Account>\n", g->ledger.accounts[i].name);
    td_text_put(t, "</ListOfAccts>\n<defaultMethod>Equal</defaultMethod>\n</Group>\n"
                   "</ListOfGroups>\n");
}

static void put_aliases(const struct td_gateway *g, struct td_text *t)
{
    td_text_put(t, HEAD "<ListOfAccountAliases>\n");
    for (uint32_t i = 0; i < g->ledger.account_count; i++)
        td_text_printf(t,
                       "<AccountAlias>\n<account>%s</account>\n<alias>%s</alias>\n"
                       "</AccountAlias>\n",
                       g->ledger.accounts[i].name, g->ledger.accounts[i].name);
    td_text_put(t, "</ListOfAccountAliases>\n");
}

void td_gw_req_fa(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const int32_t type = m->number.value;
    char own[TD_GW_FA_TEXT];
    struct td_text t;
    if (!is_advisor(g, c, -1, type))
        return;
    const char *kept = g->fa[type == ALIASES];
    td_text_init(&t, own, sizeof own);
    if (type == GROUPS)
        put_groups(g, &t);
    else
        put_aliases(g, &t);
    td_tws_msg_init(&g->msg, TD_TWS_RECEIVE_FA);
    g->msg.fa.type = type;
    g->msg.fa.xml = kept[0] ? td_str_of(kept) : (struct td_str){own, t.len};
    (void)td_gw_send(g, c, &g->msg);
}

static bool holds(struct td_str text, const char *word)
{
    const size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.p + i, word, n) == 0)
            return true;
    return false;
}

void td_gw_replace_fa(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_replace_fa *r = &m->replace_fa;
    if (!is_advisor(g, c, r->req_id, r->type))
        return;
    const bool aliases = r->type == ALIASES;
    if (!holds(r->xml, aliases ? "<ListOfAccountAliases" : "<ListOfGroups") ||
        !holds(r->xml, aliases ? "</ListOfAccountAliases>" : "</ListOfGroups>") ||
        r->xml.len >= TD_GW_FA_TEXT) {
        td_gw_error(g, c, r->req_id, 321,
                    "Error validating request.-'The FA document is not a whole %s of at most %d "
                    "bytes'",
                    aliases ? "ListOfAccountAliases" : "ListOfGroups", TD_GW_FA_TEXT - 1);
        return;
    }
    (void)td_str_copy(r->xml, g->fa[aliases], TD_GW_FA_TEXT);
    td_tws_msg_init(&g->msg, TD_TWS_REPLACE_FA_END);
    g->msg.req_text.req_id = r->req_id;
    g->msg.req_text.text = td_str_of("Success");
    (void)td_gw_send(g, c, &g->msg);
}

/* Verification is for programs the broker certified; no key of any is known here. */
static void refuse(struct td_gateway *g, struct td_gw_client *c, uint16_t kind)
{
    td_tws_msg_init(&g->msg, kind);
    g->msg.verified.success = false;
    g->msg.verified.text = td_str_of("Third-party verification is not enabled on this gateway");
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_verify(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m;
    refuse(g, c, TD_TWS_VERIFY_COMPLETED);
}

void td_gw_verify_auth(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m;
    refuse(g, c, TD_TWS_VERIFY_AND_AUTH_COMPLETED);
}
