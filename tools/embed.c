/* tools/embed.c - embed OUT FOLDER FILE...: the files as a C table of struct td_asset (src/dash/assets.h).
 *
 * Run by CMake when the program is built. Each FILE is a path below FOLDER and becomes "/FILE". FILE.gz beside it is its
 * gzipped form; without one, what packs to less than nine tenths is also there gzipped, when zlib is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef TD_WITH_ZLIB
#include <zlib.h>
#endif

#define FILE_MAX (8u << 20)

static const struct {
    const char *tail, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".json", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
};

static const char *type_of(const char *name)
{
    const size_t n = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const size_t m = strlen(types[i].tail);
        if (n > m && strcmp(name + n - m, types[i].tail) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

static void put_bytes(FILE *out, const char *name, int number, const unsigned char *bytes, size_t len)
{
    fprintf(out, "static const uint8_t %s_%d[] = {", name, number);
    for (size_t i = 0; i < len; i++)
        fprintf(out, "%s%u,", i % 32 ? "" : "\n", bytes[i]);
    fprintf(out, "%s};\n", len ? "" : "0");
}

/* Packed bytes, or 0 when that is not worth it. */
static size_t pack(const unsigned char *bytes, size_t len, unsigned char *out, size_t cap)
{
#ifdef TD_WITH_ZLIB
    z_stream z = {0};
    size_t made = 0;
    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    z.next_in = (unsigned char *)bytes;
    z.avail_in = (uInt)len;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END)
        made = z.total_out;
    (void)deflateEnd(&z);
    return made < len * 9 / 10 ? made : 0;
#else
    (void)bytes, (void)len, (void)out, (void)cap;
    return 0;
#endif
}

/* A whole file; its size, or -1 when it cannot be read. */
static long slurp(const char *path, unsigned char *bytes, size_t cap)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return -1;
    const size_t n = fread(bytes, 1, cap, in);
    const int failed = ferror(in) || !feof(in);
    (void)fclose(in);
    return failed ? -1 : (long)n;
}

static int embed(FILE *out, const char *folder, const char *name, int number, size_t sizes[2])
{
    static unsigned char bytes[FILE_MAX], packed[FILE_MAX];
    char path[1000];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    const long len = slurp(path, bytes, sizeof bytes);
    if (len < 0) {
        fprintf(stderr, "embed: %s: cannot be read, or is larger than 8 MiB\n", path);
        return 1;
    }
    sizes[0] = (size_t)len;
    (void)snprintf(path, sizeof path, "%s/%s.gz", folder, name);
    const long ready = slurp(path, packed, sizeof packed);
    sizes[1] = ready > 0 ? (size_t)ready : pack(bytes, sizes[0], packed, sizeof packed);
    put_bytes(out, "bytes", number, bytes, sizes[0]);
    if (sizes[1])
        put_bytes(out, "gzip", number, packed, sizes[1]);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 1000) {
        fprintf(stderr, "use: embed OUT FOLDER FILE...\n");
        return 2;
    }
    static size_t sizes[1000][2];
    FILE *out = fopen(argv[1], "wb");
    if (!out) {
        perror(argv[1]);
        return 1;
    }
    fprintf(out, "#include \"dash/assets.h\"\n\n");
    for (int i = 3; i < argc; i++)
        if (embed(out, argv[2], argv[i], i, sizes[i]) != 0)
            return 1;
    fprintf(out, "\nconst struct td_asset td_assets[] = {\n");
    for (int i = 3; i < argc; i++) {
        fprintf(out, "    {\"/%s\", \"%s\", bytes_%d, %zu, ", argv[i], type_of(argv[i]), i, sizes[i][0]);
        if (sizes[i][1])
            fprintf(out, "gzip_%d, %zu},\n", i, sizes[i][1]);
        else
            fprintf(out, "NULL, 0},\n");
    }
    fprintf(out, "    {0},\n};\n");
    return fclose(out) != 0;
}
