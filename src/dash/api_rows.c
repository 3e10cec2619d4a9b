/* dash/api_rows.c - the paths of the API. */
#include "dash/route.h"

const struct td_route td_api_routes[] = {
    {0},
};
