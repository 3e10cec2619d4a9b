/* tests/interop/dbn_sample.c - a vendor folder with a day of level-2: FOLDER [plain] makes MSFT/2025-03-10.mbp-10.dbn[.zst] in it. */
#include <sys/stat.h>

#include "support/dbn_make.h"

#define RECORDS 3000

int main(int argc, char **argv)
{
    char path[1024];
    size_t len;
    const bool plain = argc == 3 && strcmp(argv[2], "plain") == 0;
    if (argc != 2 && !plain)
        return 2;
    uint8_t *bytes = dbn_make(RECORDS, !plain, &len);
    (void)mkdir(argv[1], 0700);
    (void)snprintf(path, sizeof path, "%.900s/MSFT", argv[1]);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%.900s/MSFT/2025-03-10.mbp-10.dbn%s", argv[1],
                   plain ? "" : ".zst");
    FILE *f = fopen(path, "wb");
    const bool written = f && fwrite(bytes, 1, len, f) == len;
    free(bytes);
    return f && fclose(f) == 0 && written ? 0 : 1;
}
