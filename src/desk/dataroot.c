/* desk/dataroot.c - the data root. */
#include "desk/dataroot.h"

const char *td_data_root(const struct td_settings *s, const struct td_environ *env)
{
    enum td_source from = TD_FROM_DEFAULT;
    const char *exported = td_environ_get(env, "DATA_PATH_OVERRIDE", &from);
    const bool wins = exported && *exported && from == TD_FROM_ENVIRONMENT && s->data_override;
    return wins && *s->data_override ? s->data_override : s->base_path;
}
