#include "main/open.h"

#include <errno.h>
#include <stdio.h>

#define CONSENT_DAYS_MOST 180 /* as cookies.def declares */
#define DAY_SECONDS 86400

/* NULL: it is not set. */
static enum err read_url(struct scope *scope, const struct command_line *line, const char *name,
                         const char **ret_url)
{
    const char *url;
    TRY(option_text(scope, line, name, &url));
    str text = str_from(url);
    if (text.n && !str_starts(text, S("postgresql://")) && !str_starts(text, S("postgres://"))) {
        /* What was given may hold a password, so that it is not shown. */
        return fail(scope, ERR_USAGE, "--%s: postgresql://USER@HOST:PORT/DATABASE is expected", name);
    }
    *ret_url = text.n ? url : NULL;
    return ERR_OK;
}

enum err read_store(struct scope *scope, const struct command_line *line, struct store *ret_store)
{
    struct store store = {0};
    TRY(option_text(scope, line, "data", &store.data_directory));
    TRY(read_url(scope, line, "store", &store.url));
    TRY(read_url(scope, line, "store-read", &store.read_url));
    TRY(option_number(scope, line, "store-distribute", 0, INT64_MAX, &store.distributed_rows));
    *ret_store = store;
    return ERR_OK;
}

enum err open_catalog(struct scope *scope, const struct command_line *line,
                      struct catalog **ret_catalog)
{
    struct store store;
    TRY(read_store(scope, line, &store));
    return catalog_open_store(scope, &store, ret_catalog);
}

enum err open_whole_records(struct scope *scope, struct catalog *catalog, struct records **ret_records)
{
    struct records_options options = {.store = catalog_store(catalog),
                                      .connections = 2,
                                      .memory_bytes = (uint64_t)1 << 30};
    return records_open(scope, &options, ret_records);
}

enum err read_receipt_seed(struct scope *scope, struct catalog *catalog,
                           uint8_t ret_seed[SECRET_BYTES])
{
    uint8_t master[SECRET_BYTES];
    TRY(identity_master(scope, catalog, master));
    key_derive(master, S("consent receipts"), ret_seed);
    explicit_bzero(master, sizeof(master));
    return ERR_OK;
}

enum err read_privacy_options(struct scope *scope, const struct command_line *line, str public_url,
                              struct privacy_options *ret_options)
{
    const char *name;
    const char *controller;
    const char *certificate;
    int64_t days;
    TRY(option_text(scope, line, "portal-name", &name));
    TRY(option_text(scope, line, "controller", &controller));
    TRY(option_text(scope, line, "tls-cert", &certificate));
    TRY(option_number(scope, line, "consent-days", 1, CONSENT_DAYS_MOST, &days));
    *ret_options = (struct privacy_options){
        .controller = str_from(controller && *controller ? controller : name),
        .public_url = public_url,
        .is_https = public_url.n ? str_starts(public_url, S("https://")) : *certificate != 0,
        .consent_seconds = days * DAY_SECONDS};
    return ERR_OK;
}

enum err open_privacy(struct scope *scope, const struct command_line *line,
                      struct opened_privacy *ret_opened)
{
    const char *url;
    struct privacy_options options;
    uint8_t seed[SECRET_BYTES];
    TRY(option_text(scope, line, "public-url", &url));
    TRY(read_privacy_options(scope, line, str_from(url), &options));
    TRY(open_catalog(scope, line, &ret_opened->catalog));
    TRY(read_receipt_seed(scope, ret_opened->catalog, seed));
    enum err result =
        privacy_open(scope, ret_opened->catalog, &options, seed, &ret_opened->privacy);
    explicit_bzero(seed, sizeof(seed));
    return result;
}

void close_privacy(struct opened_privacy *opened)
{
    privacy_close(opened->privacy);
    catalog_close(opened->catalog);
}

enum err read_small_file(struct scope *scope, const char *path, size_t most, str *ret_text)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "re");
    if (!file) {
        return fail(scope, ERR_FILE, "%s: the file cannot be opened (%s)", path, strerror(errno));
    }
    char *text = arena_alloc(&scope->arena, most + 1);
    size_t n = fread(text, 1, most + 1, file);
    int cause = ferror(file) ? errno : 0;
    if (!is_input) {
        fclose(file);
    }
    if (cause) {
        return fail(scope, ERR_FILE, "%s: the file cannot be read (%s)", path, strerror(cause));
    }
    if (n > most) {
        return fail(scope, ERR_DATA, "%s: larger than %zu bytes", path, most);
    }
    *ret_text = (str){text, n};
    return ERR_OK;
}
