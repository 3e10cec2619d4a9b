/* tests/support/zip_store.h - a zip archive of stored (not compressed) entries in the caller's memory, to make workbooks from texts. */
#ifndef TD_TESTS_ZIP_STORE_H
#define TD_TESTS_ZIP_STORE_H

#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define ZIP_STORE_MAX 16

struct zip_store {
    uint8_t *out;
    size_t cap, len;
    struct {
        const char *name;
        uint32_t crc, size, at;
    } entries[ZIP_STORE_MAX];
    uint16_t count;
};

static inline uint32_t zip_store_crc(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static inline void zip_store_put(struct zip_store *z, uint64_t value, size_t bytes)
{
    TD_REQUIRE(z->cap - z->len >= bytes);
    for (size_t i = 0; i < bytes; i++)
        z->out[z->len++] = (uint8_t)(i < 8 ? value >> (8 * i) : 0);
}

static inline void zip_store_bytes(struct zip_store *z, const void *bytes, size_t n)
{
    TD_REQUIRE(z->cap - z->len >= n);
    if (n)
        memcpy(z->out + z->len, bytes, n);
    z->len += n;
}

/* Version, flags, method, time, date, CRC, sizes and length of the name: the same in both headers. */
static inline void zip_store_head(struct zip_store *z, uint16_t i)
{
    zip_store_put(z, 20, 2);
    zip_store_put(z, 0, 8); /* flags, method, time, date */
    zip_store_put(z, z->entries[i].crc, 4);
    zip_store_put(z, z->entries[i].size, 4);
    zip_store_put(z, z->entries[i].size, 4);
    zip_store_put(z, strlen(z->entries[i].name), 2);
    zip_store_put(z, 0, 2);
}

static inline void zip_store_add(struct zip_store *z, const char *name, struct td_str text)
{
    const uint16_t i = z->count++;
    TD_REQUIRE(i < ZIP_STORE_MAX);
    z->entries[i].name = name;
    z->entries[i].crc = zip_store_crc((const uint8_t *)text.p, text.len);
    z->entries[i].size = (uint32_t)text.len;
    z->entries[i].at = (uint32_t)z->len;
    zip_store_put(z, 0x04034b50, 4);
    zip_store_head(z, i);
    zip_store_bytes(z, name, strlen(name));
    zip_store_bytes(z, text.p, text.len);
}

static inline struct td_str zip_store_finish(struct zip_store *z)
{
    const size_t start = z->len;
    for (uint16_t i = 0; i < z->count; i++) {
        zip_store_put(z, 0x02014b50, 4);
        zip_store_put(z, 20, 2);
        zip_store_head(z, i);
        zip_store_put(z, 0, 10); /* comment, disk, attributes */
        zip_store_put(z, z->entries[i].at, 4);
        zip_store_bytes(z, z->entries[i].name, strlen(z->entries[i].name));
    }
    const size_t size = z->len - start;
    zip_store_put(z, 0x06054b50, 4);
    zip_store_put(z, 0, 4);
    zip_store_put(z, z->count, 2);
    zip_store_put(z, z->count, 2);
    zip_store_put(z, size, 4);
    zip_store_put(z, start, 4);
    zip_store_put(z, 0, 2);
    return (struct td_str){(const char *)z->out, z->len};
}

/* A workbook of one sheet from its parts; NULL parts are replaced by small ones. */
struct zip_book {
    const char *workbook, *relations, *shared, *styles, *sheet;
};

#define ZIP_BOOK_TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

static const char zip_book_root[] = "<Relationships><Relationship Id=\"r1\" Type=\"" ZIP_BOOK_TYPE
                                    "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
static const char zip_book_workbook[] =
    "<workbook xmlns:r=\"x\"><sheets><sheet name=\"One\" sheetId=\"1\" r:id=\"rId1\"/></sheets>"
    "</workbook>";
static const char zip_book_relations[] =
    "<Relationships><Relationship Id=\"rId1\" Type=\"" ZIP_BOOK_TYPE
    "worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" ZIP_BOOK_TYPE
    "sharedStrings\" Target=\"/xl/sharedStrings.xml\"/><Relationship Id=\"rId3\" "
    "Type=\"" ZIP_BOOK_TYPE "styles\" Target=\"styles.xml\"/></Relationships>";

static inline struct td_str zip_book_part(const char *given, const char *preset)
{
    return td_str_of(given ? given : preset);
}

static inline struct td_str zip_book_make(const struct zip_book *b, uint8_t *out, size_t cap)
{
    struct zip_store z = {.out = out, .cap = cap};
    zip_store_add(&z, "_rels/.rels", td_str_of(zip_book_root));
    zip_store_add(&z, "xl/workbook.xml", zip_book_part(b->workbook, zip_book_workbook));
    zip_store_add(&z, "xl/_rels/workbook.xml.rels",
                  zip_book_part(b->relations, zip_book_relations));
    zip_store_add(&z, "xl/sharedStrings.xml", zip_book_part(b->shared, "<sst/>"));
    zip_store_add(&z, "xl/styles.xml", zip_book_part(b->styles, "<styleSheet/>"));
    zip_store_add(&z, "xl/worksheets/sheet1.xml",
                  zip_book_part(b->sheet, "<worksheet><sheetData/></worksheet>"));
    return zip_store_finish(&z);
}

#endif
