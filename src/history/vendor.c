/* history/vendor.c - the table of vendors. */
#include "history/vendor.h"

#include <string.h>

const struct td_vendor_row *const td_vendors[] = {&td_vendor_databento, &td_vendor_files, NULL};

const struct td_vendor_row *td_vendor_find(const char *name)
{
    for (size_t i = 0; td_vendors[i]; i++)
        if (strcmp(td_vendors[i]->name, name) == 0)
            return td_vendors[i];
    return NULL;
}
