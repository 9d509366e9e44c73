/* The embedded files, made by tools/assets.mjs. For static.c only. */
#ifndef WEB_SHELL_STATIC_TABLE_H
#define WEB_SHELL_STATIC_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct static_entry {
    const char *name;    /* "app.css" */
    const char *address; /* "/static/app-HASH.css" */
    const char *type;    /* of the content */
    bool is_worker;      /* runs beside a page, and asks for what this portal has */
    const char *hash;    /* hex, of the bytes */
    const char *bytes;
    size_t size;
};

extern const struct static_entry static_entries[];
extern const size_t static_entry_count;

#endif
