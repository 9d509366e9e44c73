#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "main/commands.h"
#include "main/open.h"

#define FILE_BYTES (64u << 10)

/* ---- verify ---- */

/* Without a key on the command line it is that of the data directory, which must have one already.
 */
static enum err own_key(struct scope *scope, const struct command_line *line,
                        uint8_t ret_key[PUBLIC_KEY_BYTES])
{
    struct store store;
    struct catalog *catalog;
    uint8_t seed[SECRET_BYTES];
    TRY(read_store(scope, line, &store));
    str path = str_printf(&scope->arena, "%s/secrets/master", store.data_directory);
    if (!store.url && access(path.p, F_OK) != 0) {
        return fail(scope, ERR_USAGE,
                    "%s: there is no key (%s); name the data directory with --data, or the "
                    "portal's public key with --key",
                    path.p, strerror(errno));
    }
    TRY(catalog_open_store(scope, &store, &catalog));
    enum err result = read_receipt_seed(scope, catalog, seed);
    catalog_close(catalog);
    TRY(result);
    signature_public_key(seed, ret_key);
    explicit_bzero(seed, sizeof(seed));
    return ERR_OK;
}

static bool read_hex(str text, uint8_t ret_key[PUBLIC_KEY_BYTES])
{
    for (size_t i = 0; i < text.n; i++) {
        int digit = hex_digit(text.p[i]);
        if (digit < 0 || text.n != (size_t)PUBLIC_KEY_BYTES * 2) {
            return false;
        }
        ret_key[i / 2] = (uint8_t)(i % 2 ? ret_key[i / 2] << 4 | digit : digit);
    }
    return text.n > 0;
}

static enum err given_key(struct scope *scope, const struct command_line *line, const char *text,
                          uint8_t ret_key[PUBLIC_KEY_BYTES])
{
    str key = str_from(text);
    return read_hex(key, ret_key) || base64_decode(key, ret_key, PUBLIC_KEY_BYTES)
               ? ERR_OK
               : option_wrong(scope, line, "key", "a public key of 32 bytes in base64url or hex");
}

static enum err verify(struct scope *scope, const struct command_line *line)
{
    const char *key_text;
    uint8_t key[PUBLIC_KEY_BYTES];
    str text;
    str summary;
    if (line->argument_count < 2) {
        return fail(scope, ERR_USAGE, "FILE is missing: parvis consent verify FILE");
    }
    TRY(option_text(scope, line, "key", &key_text));
    TRY(key_text ? given_key(scope, line, key_text, key) : own_key(scope, line, key));
    TRY(read_small_file(scope, line->arguments[1], FILE_BYTES, &text));
    TRY(receipt_verify(scope, key, text, &summary));
    printf("The signature is good; the receipt was not changed.\n%.*s", STR_ARG(summary));
    return ERR_OK;
}

/* ---- key, figures, declaration ---- */

static enum err print_key(struct scope *scope, const struct opened_privacy *opened)
{
    uint8_t key[PUBLIC_KEY_BYTES];
    receipt_public_key(opened->privacy, key);
    printf("key id\t%.*s\nbase64url\t%.*s\nhex\t%.*s\n",
           STR_ARG(receipt_key_id(&scope->arena, key)),
           STR_ARG(base64_encode(&scope->arena, key, PUBLIC_KEY_BYTES)),
           STR_ARG(hex_encode(&scope->arena, key, PUBLIC_KEY_BYTES)));
    return ERR_OK;
}

/* "statistical+content", or "none". */
static str purposes_text(struct arena *arena, unsigned purposes)
{
    str text = S("");
    for (int i = 0; i < PURPOSE__COUNT; i++) {
        if (purposes >> i & 1) {
            text = str_printf(arena, "%.*s%s%s", STR_ARG(text), text.n ? "+" : "",
                              purpose_name((enum purpose)i));
        }
    }
    return text.n ? text : S("none");
}

static enum err print_figures(struct scope *scope, const struct opened_privacy *opened)
{
    const struct consent_figure *rows;
    size_t count;
    TRY(consent_figures(scope, opened->privacy, &rows, &count));
    printf("day,revision,language,way,purposes,count\n");
    for (size_t i = 0; i < count; i++) {
        printf("%.*s,%lld,%.*s,%s,%.*s,%lld\n", STR_ARG(rows[i].day), (long long)rows[i].revision,
               STR_ARG(rows[i].language), consent_way_name(rows[i].way),
               STR_ARG(purposes_text(&scope->arena, rows[i].purposes)), (long long)rows[i].count);
    }
    return ERR_OK;
}

static enum err print_declaration(struct scope *scope, const struct opened_privacy *opened)
{
    (void)scope;
    const struct registry *registry = privacy_registry(opened->privacy);
    printf("%.*s\n", STR_ARG(registry->declaration));
    registry_unref(registry);
    return ERR_OK;
}

static const struct {
    const char *name;
    enum err (*run)(struct scope *scope, const struct opened_privacy *opened);
} actions[] = {{"key", print_key}, {"figures", print_figures}, {"declaration", print_declaration}};

enum err command_consent(struct scope *scope, const struct command_line *line)
{
    str action = str_from(line->arguments[0]);
    struct opened_privacy opened cleanup_with(close_privacy) = {0};
    if (str_eq(action, S("verify"))) {
        return verify(scope, line);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (!str_eq(str_from(actions[i].name), action)) {
            continue;
        }
        if (line->argument_count > 1) {
            return fail(scope, ERR_USAGE, "'%s' was not expected; see parvis consent --help",
                        line->arguments[1]);
        }
        TRY(command_check_catalogue(scope, line));
        TRY(open_privacy(scope, line, &opened));
        return actions[i].run(scope, &opened);
    }
    return fail(scope, ERR_USAGE, "'%s': verify, key, figures or declaration is expected",
                line->arguments[0]);
}
