/* fuzz/script_fuzz.c - any bytes as a fault script: read or refused with one line, and the tables stay within bounds. */
#include <stdlib.h>
#include <string.h>

#include "sim/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct td_script s;
    struct td_fail why = {0};
    char *text = malloc(size ? size : 1);
    TD_REQUIRE(text != NULL);
    memcpy(text, data, size);
    td_script_init(&s);
    if (td_script_parse(&s, "fuzz", (struct td_str){text, size}, &why) != TD_OK)
        TD_REQUIRE(why.text[0] && !strchr(why.text, '\n'));
    TD_REQUIRE(s.step_count <= TD_SCRIPT_STEPS && s.set_count <= TD_SCRIPT_SETS &&
               s.expect_count <= TD_SCRIPT_EXPECTS);
    for (uint32_t i = 0; i < s.step_count; i++)
        TD_REQUIRE(s.steps[i].action.id < TD_FAULT_COUNT);
    free(text);
    return 0;
}
