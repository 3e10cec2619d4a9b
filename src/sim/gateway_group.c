/* sim/gateway_group.c - display groups, the seven colours that link windows of TWS.
 *
 * A group holds the text of a contract ("265598@SMART", or "none"). Groups belong to the gateway: what one client
 * sets, every subscriber of the group is told, itself included. Source: tws-protocol 3.1 (67-70).
 */
#include "sim/gateway_inner.h"

static void send_text(struct td_gateway *g, struct td_gw_client *c, uint16_t kind, int32_t req_id,
                      struct td_str text)
{
    td_tws_msg_init(&g->msg, kind);
    g->msg.req_text.req_id = req_id;
    g->msg.req_text.text = text;
    (void)td_gw_send(g, c, &g->msg);
}

static struct td_str shown(const struct td_gateway *g, int32_t group)
{
    const char *text = g->groups[group - 1];
    return td_str_of(text[0] ? text : "none");
}

void td_gw_query_groups(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    send_text(g, c, TD_TWS_DISPLAY_GROUP_LIST, m->req.req_id, td_str_of("1|2|3|4|5|6|7"));
}

void td_gw_subscribe_group(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_group *r = &m->req_group;
    if (r->group_id < 1 || r->group_id > TD_GW_GROUPS) {
        td_gw_error(g, c, r->req_id, 321,
                    "Error validating request.-'Group %d is not one of 1 to %d'", (int)r->group_id,
                    TD_GW_GROUPS);
        return;
    }
    struct td_gw_sub *sub = td_gw_sub_add(g, c, TD_GW_GROUP, r->req_id);
    if (!sub)
        return;
    sub->sym = UINT32_MAX;
    sub->group = r->group_id;
    send_text(g, c, TD_TWS_DISPLAY_GROUP_UPDATED, r->req_id, shown(g, sub->group));
}

/* "none", "combo", or a contract id with or without "@EXCHANGE". */
static bool is_contract_text(struct td_str text)
{
    struct td_str rest = text, id;
    int64_t number = 0;
    if (td_str_is(text, "none") || td_str_is(text, "combo"))
        return true;
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~')
            return false;
    return td_str_split(&rest, '@', &id) && td_i64_parse(id.p, id.len, &number) == TD_OK &&
           number > 0 && number <= INT32_MAX && text.len < TD_GW_GROUP_TEXT;
}

void td_gw_update_group(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_text *r = &m->req_text;
    const struct td_gw_sub *own = td_gw_sub_find(c, TD_GW_GROUP, r->req_id);
    if (!own) {
        td_gw_error(g, c, r->req_id, 300, "Can't find EId with tickerId:%d", (int)r->req_id);
        return;
    }
    if (!is_contract_text(r->text)) {
        td_gw_error(g, c, r->req_id, 321,
                    "Error validating request.-'Contract info \"%.*s\": none, combo, or "
                    "contractId@exchange'",
                    TD_STR_ARG(r->text));
        return;
    }
    const int32_t group = own->group;
    (void)td_str_copy(r->text, g->groups[group - 1], TD_GW_GROUP_TEXT);
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++) {
        struct td_gw_client *one = g->clients[i];
        for (uint32_t k = 0; one && k < one->sub_count; k++)
            if (one->subs[k].kind == TD_GW_GROUP && one->subs[k].group == group)
                send_text(g, one, TD_TWS_DISPLAY_GROUP_UPDATED, one->subs[k].req_id,
                          shown(g, group));
    }
}

void td_gw_unsubscribe_group(struct td_gateway *g, struct td_gw_client *c,
                             const struct td_tws_msg *m)
{
    if (!td_gw_sub_remove(c, TD_GW_GROUP, m->req.req_id))
        td_gw_error(g, c, m->req.req_id, 300, "Can't find EId with tickerId:%d",
                    (int)m->req.req_id);
}
