/* What is looked at before a driver opens a file: directories of archives, declarations of XML. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "platform/gdal/library.h"
#include "platform/gdal/read.h"
#include "platform/i18n/explanation.h"

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
                              : gdal_fail_in_words(scope, ERR_DATA, MSG_FAULT_ARCHIVE_DAMAGED,
                                                   SAYS(ARG_TEXT("file", str_from(shown))));
    while (result == ERR_OK && (entry = gdal.VSIGetNextDirEntry(listing))) {
        bytes += entry->nSize;
        if (++entries > entries_most) {
            result = fail_in_words(
                scope, ERR_TOO_LARGE, MSG_FAULT_ARCHIVE_ENTRIES,
                SAYS(ARG_TEXT("file", str_from(shown)), argument_digits(&scope->arena, "most", entries_most)));
        } else if (entry->nSize > bytes_most || bytes > bytes_most) {
            result = fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_ARCHIVE_LARGE,
                                   SAYS(ARG_TEXT("file", str_from(shown)),
                                        argument_digits(&scope->arena, "most", (int64_t)(bytes_most >> 20))));
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
            return fail_in_words(scope, ERR_DATA, MSG_FAULT_ARCHIVE_MORE, SAYS(ARG_TEXT("file", str_from(shown))));
        }
        TRY(write_all(scope, to, shown, (str){block, n}));
        if (bytes == declared || n < BLOCK_BYTES) {
            return bytes == declared
                       ? ERR_OK
                       : fail_in_words(scope, ERR_DATA, MSG_FAULT_ARCHIVE_CUT, SAYS(ARG_TEXT("file", str_from(shown))));
        }
    }
}

enum err archive_extract(struct scope *scope, const char *path, const char *shown, str entry, int to)
{
    TRY(gdal_start(scope));
    str full = str_printf(&scope->arena, "/vsizip/{%s}/%.*s", path, STR_ARG(entry));
    VSILFILE *file = gdal.VSIFOpenL(full.p, "rb");
    if (!file) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_ARCHIVE_DAMAGED, SAYS(ARG_TEXT("file", str_from(shown))));
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
            return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_FILE_LARGE_XML,
                                 SAYS(ARG_TEXT("file", str_from(shown)),
                                      argument_digits(&scope->arena, "most", (int64_t)(bytes_most >> 20))));
        }
        if (str_find(text, S("<!DOCTYPE"), 0) != SIZE_MAX || str_find(text, S("<!ENTITY"), 0) != SIZE_MAX ||
            memchr(block, 0, text.n)) {
            return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_XML, SAYS(ARG_TEXT("file", str_from(shown))));
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
        return fail_in_words(scope, ERR_FILE, MSG_FAULT_FILE_NOT_OPENED, SAYS(ARG_TEXT("file", str_from(shown))));
    }
    enum err result = scan_xml(scope, file, shown, bytes_most);
    gdal.VSIFCloseL(file);
    return result;
}
