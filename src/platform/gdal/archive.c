/* What is looked at before a driver opens a file: directories of archives, declarations of XML. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "platform/gdal/library.h"
#include "platform/gdal/read.h"

#define BLOCK_BYTES 65536

enum err archive_check(struct scope *scope, const char *path, const char *shown, int64_t entries_most,
                       uint64_t bytes_most, void (*each)(void *user, const char *name), void *user)
{
    TRY(gdal_start(scope));
    str directory = str_printf(&scope->arena, "/vsizip/{%s}", path);
    gdal.CPLErrorReset();
    VSIDIR *listing = gdal.VSIOpenDir(directory.p, -1, NULL);
    const VSIDIREntry *entry;
    int64_t entries = 0;
    uint64_t bytes = 0;
    enum err result = listing ? ERR_OK
                              : gdal_fail(scope, ERR_DATA,
                                          "%s: the ZIP archive is damaged, cut off or encrypted", shown);
    while (result == ERR_OK && (entry = gdal.VSIGetNextDirEntry(listing))) {
        bytes += entry->nSize;
        if (++entries > entries_most) {
            result = fail(scope, ERR_TOO_LARGE, "%s: the archive has more than %lld entries", shown,
                          (long long)entries_most);
        } else if (entry->nSize > bytes_most || bytes > bytes_most) {
            result = fail(scope, ERR_TOO_LARGE, "%s: the archive holds more than %llu MB unpacked", shown,
                          (unsigned long long)(bytes_most >> 20));
        } else if (each && !VSI_ISDIR(entry->nMode)) {
            each(user, entry->pszName);
        }
    }
    if (listing) {
        gdal.VSICloseDir(listing);
    }
    return result;
}

static enum err write_all(struct scope *scope, int to, const char *shown, str bytes)
{
    while (bytes.n) {
        ssize_t n = write(to, bytes.p, bytes.n);
        if (n < 0 && errno != EINTR) {
            return fail_system(scope, errno, shown, "it cannot be unpacked");
        }
        bytes = str_slice(bytes, n > 0 ? (size_t)n : 0, bytes.n);
    }
    return ERR_OK;
}

/* What the directory says of an entry: a stream that holds more than that may never end. */
static uint64_t declared_bytes(const char *path, str entry)
{
    char directory[4096];
    uint64_t bytes = 0;
    snprintf(directory, sizeof(directory), "/vsizip/{%s}", path);
    VSIDIR *listing = gdal.VSIOpenDir(directory, -1, NULL);
    const VSIDIREntry *found;
    while (listing && (found = gdal.VSIGetNextDirEntry(listing))) {
        bytes = str_eq(str_from(found->pszName), entry) ? found->nSize : bytes;
    }
    if (listing) {
        gdal.VSICloseDir(listing);
    }
    return bytes;
}

static enum err extract(struct scope *scope, VSILFILE *file, const char *shown, uint64_t declared, int to)
{
    char *block = arena_alloc(&scope->arena, BLOCK_BYTES);
    uint64_t bytes = 0;
    for (;;) {
        size_t n = gdal.VSIFReadL(block, 1, BLOCK_BYTES, file);
        bytes += n;
        TRY(scope_check(scope));
        if (bytes > declared) {
            return fail(scope, ERR_DATA, "%s: the ZIP archive is damaged: it holds more than its directory says", shown);
        }
        TRY(write_all(scope, to, shown, (str){block, n}));
        if (bytes == declared || n < BLOCK_BYTES) {
            return bytes == declared
                       ? ERR_OK
                       : fail(scope, ERR_DATA, "%s: the ZIP archive is damaged or cut off", shown);
        }
    }
}

enum err archive_extract(struct scope *scope, const char *path, const char *shown, str entry, int to)
{
    TRY(gdal_start(scope));
    str full = str_printf(&scope->arena, "/vsizip/{%s}/%.*s", path, STR_ARG(entry));
    VSILFILE *file = gdal.VSIFOpenL(full.p, "rb");
    if (!file) {
        return fail(scope, ERR_DATA, "%s: the ZIP archive is damaged, cut off or encrypted", shown);
    }
    enum err result = extract(scope, file, shown, declared_bytes(path, entry), to);
    gdal.VSIFCloseL(file);
    return result;
}

/* A declaration may lie across two blocks: the end of one is looked at again with the next. */
static enum err scan_xml(struct scope *scope, VSILFILE *file, const char *shown, uint64_t bytes_most)
{
    char *block = arena_alloc(&scope->arena, BLOCK_BYTES + 16);
    size_t kept = 0;
    uint64_t bytes = 0;
    for (;;) {
        size_t n = gdal.VSIFReadL(block + kept, 1, BLOCK_BYTES, file);
        str text = {block, kept + n};
        bytes += n;
        if (bytes > bytes_most) {
            return fail(scope, ERR_TOO_LARGE, "%s: it holds more than %llu MB; split it, or use "
                                              "GeoPackage or FlatGeobuf",
                        shown, (unsigned long long)(bytes_most >> 20));
        }
        if (str_find(text, S("<!DOCTYPE"), 0) != SIZE_MAX || str_find(text, S("<!ENTITY"), 0) != SIZE_MAX ||
            memchr(block, 0, text.n)) {
            return fail(scope, ERR_DATA,
                        "%s: the XML declares a document type or entities, or is not UTF-8; remove that",
                        shown);
        }
        if (n == 0) {
            return ERR_OK;
        }
        kept = text.n < 16 ? text.n : 16;
        memmove(block, block + text.n - kept, kept);
    }
}

enum err xml_check(struct scope *scope, const char *path, const char *shown, uint64_t bytes_most)
{
    TRY(gdal_start(scope));
    VSILFILE *file = gdal.VSIFOpenL(path, "rb");
    if (!file) {
        return fail(scope, ERR_FILE, "%s: it cannot be opened", shown);
    }
    enum err result = scan_xml(scope, file, shown, bytes_most);
    gdal.VSIFCloseL(file);
    return result;
}
