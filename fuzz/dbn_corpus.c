/* fuzz/dbn_corpus.c - writes the seeds of dbn_fuzz from our own encoder: a file of every record type per version, plain and
 * packed, and fragments: dbn_corpus <fuzz/corpus>. */
#include <stdio.h>
#include <string.h>
#include <zstd.h>

#include "wire/dbn_layout.h"

static uint8_t stream[1 << 16], packed[1 << 16];

static void save(const char *folder, const char *name, const void *bytes, size_t len)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/dbn_fuzz/%s", folder, name);
    FILE *f = fopen(path, "wb");
    TD_REQUIRE(f != NULL);
    TD_REQUIRE(fwrite(bytes, 1, len, f) == len);
    TD_REQUIRE(fclose(f) == 0);
}

static size_t head(uint8_t version)
{
    const size_t chars = version == 1 ? 22 : 71;
    char symbol[71] = "ESH1", mapping[71 + 4 + 8 + 71] = "ESH1";
    size_t len = 0;
    static const uint8_t interval[12] = {1, 0, 0, 0, 0x0c, 0x3f, 0x34, 1, 0x0d, 0x3f, 0x34, 1};
    memcpy(mapping + chars, interval, sizeof interval);
    memcpy(mapping + chars + sizeof interval, "5482", 4);
    const struct td_dbn_metadata m = {.version = version,
                                      .schema = TD_DBN_SCHEMA_MIXED,
                                      .stype_in = 1,
                                      .end = TD_DBN_UNDEF_TIME,
                                      .symbol_chars = (uint16_t)chars,
                                      .dataset = "GLBX.MDP3",
                                      .symbols = {symbol, 1, (uint16_t)chars},
                                      .mappings = 1,
                                      .mapping_bytes = {mapping, chars * 2 + sizeof interval}};
    TD_REQUIRE(td_dbn_metadata_write(&m, version, stream, sizeof stream, &len) == TD_OK);
    return len;
}

int main(int argc, char **argv)
{
    size_t count;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    if (argc != 2)
        return 2;
    for (uint8_t version = 1; version <= 3; version++) {
        char name[64];
        size_t len = head(version);
        for (size_t i = 0; i < count; i++) {
            if (version < l[i].since || version > l[i].until)
                continue;
            td_dbn_blank(stream + len, &l[i], l[i].rtypes[0]);
            stream[len + 4] = 0x6a; /* 5482 */
            stream[len + 5] = 0x15;
            (void)snprintf(name, sizeof name, "%s_v%d.frag", l[i].name, version);
            save(argv[1], name, stream + len, l[i].bytes);
            len += l[i].bytes;
        }
        (void)snprintf(name, sizeof name, "all_v%d.dbn", version);
        save(argv[1], name, stream, len);
        const size_t n = ZSTD_compress(packed, sizeof packed, stream, len, 3);
        (void)snprintf(name, sizeof name, "all_v%d.dbn.zst", version);
        save(argv[1], name, packed, n);
    }
    return 0;
}
