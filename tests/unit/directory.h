/* A directory of its own for a test, gone afterwards. */
#ifndef TESTS_UNIT_DIRECTORY_H
#define TESTS_UNIT_DIRECTORY_H

#include <ftw.h>

#include "check.h"

struct directory {
    char path[64];
};

static inline void directory_make(struct directory *directory)
{
    snprintf(directory->path, sizeof(directory->path), "/tmp/parvis-unit-XXXXXX");
    assert_non_null(mkdtemp(directory->path));
}

static inline int directory_remove_entry(const char *path, const struct stat *facts, int kind,
                                         struct FTW *walk)
{
    (void)facts;
    (void)kind;
    (void)walk;
    return remove(path);
}

/** Removes everything in it. */
static inline void directory_remove(struct directory *directory)
{
    nftw(directory->path, directory_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/** Path of a file in it, in the scope's arena. */
static inline const char *directory_file(struct scope *scope, const struct directory *directory,
                                         const char *name)
{
    return str_printf(&scope->arena, "%s/%s", directory->path, name).p;
}

static inline void file_write(const char *path, str bytes)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.p ? bytes.p : "", 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
}

/** Bytes of a small file, in the scope's arena. */
static inline str file_read(struct scope *scope, const char *path)
{
    const size_t most = 1 << 20;
    char *bytes = arena_alloc(&scope->arena, most);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t n = fread(bytes, 1, most, file);
    fclose(file);
    return (str){bytes, n};
}

#endif
