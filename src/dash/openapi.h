/* dash/openapi.h - pages printed from the tables of paths: the OpenAPI 3 file and docs/api.md. */
#ifndef TD_DASH_OPENAPI_H
#define TD_DASH_OPENAPI_H

#include "dash/route.h"

/* OpenAPI 3.0 as JSON: every path, its parameters, who may ask it and what it answers with. */
void td_openapi_put(const char *version, struct td_text *out);
/* The page docs/api.md. */
void td_api_page_put(struct td_text *out);

#endif
