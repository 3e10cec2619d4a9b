/* fuzz/body_fuzz.c - any bytes as the body of a POST: one that is taken is an object of bounded depth with each key once and
 * numbers that are numbers, and it is taken again as it is printed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dash/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* By recursion, on purpose: the depth is what is checked. */
static void check_tree(const cJSON *at, int depth)
{
    TD_REQUIRE(depth <= TD_BODY_DEPTH);
    TD_REQUIRE(!cJSON_IsNumber(at) || isfinite(at->valuedouble));
    for (const cJSON *a = at->child; a; a = a->next) {
        for (const cJSON *b = a->next; cJSON_IsObject(at) && b; b = b->next)
            TD_REQUIRE(strcmp(a->string, b->string) != 0);
        check_tree(a, depth + (cJSON_IsObject(a) || cJSON_IsArray(a)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *reason = NULL;
    cJSON *body = td_route_body((struct td_str){(const char *)data, size}, &reason);
    TD_REQUIRE(!body == (reason != NULL));
    if (!body)
        return 0;
    TD_REQUIRE(cJSON_IsObject(body));
    check_tree(body, 1);
    char *text = cJSON_PrintUnformatted(body);
    TD_REQUIRE(text != NULL);
    cJSON *again = td_route_body(td_str_of(text), &reason);
    TD_REQUIRE(again != NULL);
    cJSON_Delete(again);
    free(text);
    cJSON_Delete(body);
    return 0;
}
