/* Opening: tables, secrets, settings. */
#include "domain/identity/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "domain/identity/internal.h"
#include "platform/mail/mail.h"

/* All nodes share the secret of the database, unless each is given the same file. */
static enum err shared_master(struct scope *scope, struct db *db, uint8_t ret_master[SECRET_BYTES])
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    uint8_t made[SECRET_BYTES];
    cell kept;
    random_bytes(made, sizeof(made));
    TRY(db_begin(scope, db, &lease));
    TRY(identity_make_tables(scope, lease));
    TRY(DB_RUN(scope, lease,
               "insert into secret (name, bytes) values ('master', ?) on conflict do nothing",
               cell_bytes(made, sizeof(made))));
    TRY(DB_ASK(scope, lease, &kept, "select bytes from secret where name = ?",
               cell_text(S("master"))));
    if (kept.type != CELL_BYTES || kept.text.n != SECRET_BYTES) {
        return fail(scope, ERR_DATABASE, "The secret in the database is damaged.");
    }
    memcpy(ret_master, kept.text.p, SECRET_BYTES);
    return db_commit(scope, lease);
}

enum err identity_master(struct scope *scope, struct catalog *catalog,
                         uint8_t ret_master[SECRET_BYTES])
{
    const struct store *store = catalog_store(catalog);
    str directory = str_printf(&scope->arena, "%s/secrets", store->data_directory);
    str master = str_printf(&scope->arena, "%s/master", directory.p);
    if (store->url && access(master.p, F_OK) != 0) {
        return shared_master(scope, catalog_database(catalog), ret_master);
    }
    if (mkdir(directory.p, 0700) != 0 && errno != EEXIST) {
        return fail(scope, ERR_FILE, "%s: the directory cannot be made (%s)", directory.p,
                    strerror(errno));
    }
    return secret_file(scope, master.p, ret_master);
}

static const char *const secret_names[SECRET__COUNT] = {"master", "master.former"};

static str secret_path(struct scope *scope, const struct store *store, int which)
{
    return str_printf(&scope->arena, "%s/secrets/%s", store->data_directory, secret_names[which]);
}

enum err identity_secret(struct scope *scope, const struct store *store, struct db_lease *lease,
                         int which, uint8_t ret_secret[SECRET_BYTES], bool *ret_found)
{
    if (!store->url) {
        str path = secret_path(scope, store, which);
        *ret_found = access(path.p, F_OK) == 0;
        return *ret_found ? secret_file(scope, path.p, ret_secret) : ERR_OK;
    }
    cell kept;
    TRY(DB_ASK(scope, lease, &kept, "select bytes from secret where name = ?",
               cell_text(str_from(secret_names[which]))));
    *ret_found = kept.type == CELL_BYTES;
    if (*ret_found && kept.text.n != SECRET_BYTES) {
        return fail(scope, ERR_DATABASE, "The secret in the database is damaged.");
    }
    if (*ret_found) {
        memcpy(ret_secret, kept.text.p, SECRET_BYTES);
    }
    return ERR_OK;
}

enum err identity_secret_put(struct scope *scope, const struct store *store, struct db_lease *lease,
                             int which, const uint8_t secret[SECRET_BYTES])
{
    if (store->url) {
        return DB_RUN(scope, lease,
                      "insert into secret (name, bytes) values (?, ?) "
                      "on conflict (name) do update set bytes = excluded.bytes",
                      cell_text(str_from(secret_names[which])), cell_bytes(secret, SECRET_BYTES));
    }
    str directory = str_printf(&scope->arena, "%s/secrets", store->data_directory);
    if (mkdir(directory.p, 0700) != 0 && errno != EEXIST) {
        return fail(scope, ERR_FILE, "%s: the directory cannot be made (%s)", directory.p,
                    strerror(errno));
    }
    return secret_file_put(scope, secret_path(scope, store, which).p, secret);
}

/* A file of the node comes first, as with the master. */
static enum err read_former(struct scope *scope, struct identity *identity, struct catalog *catalog)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    const struct store files = {.data_directory = catalog_data_directory(catalog)};
    bool found;
    TRY(identity_secret(scope, &files, NULL, SECRET_FORMER, identity->masters[1], &found));
    if (!found && catalog_store(catalog)->url) {
        TRY(db_lease(scope, identity->db, &lease));
        TRY(identity_secret(scope, catalog_store(catalog), lease, SECRET_FORMER,
                            identity->masters[1], &found));
    }
    identity->master_count = found ? 2 : 1;
    return ERR_OK;
}

static enum err read_secrets(struct scope *scope, struct identity *identity, struct catalog *catalog)
{
    TRY(identity_master(scope, catalog, identity->masters[0]));
    TRY(read_former(scope, identity, catalog));
    identity_key(identity, S("throttle"), identity->throttle_key);
    identity_key(identity, S("login history"), identity->device_key);
    identity_key(identity, S("pending sign-in"), identity->pending_key);
    return ERR_OK;
}

static char *keep_text(const char *text)
{
    char *copy = text && text[0] ? strdup(text) : NULL;
    if (text && text[0] && !copy) {
        bug_out_of_memory(strlen(text));
    }
    return copy;
}

static void forget_text(char **text)
{
    if (*text) {
        explicit_bzero(*text, strlen(*text));
    }
    free(*text);
    *text = NULL;
}

void identity_use_mail(struct identity *identity, const struct mail_options *relay, language lang)
{
    const char *texts[] = {relay->url, relay->from, relay->user, relay->password_file, relay->password};
    pthread_mutex_lock(&identity->mail_mutex);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        forget_text(&identity->relay[i]);
        identity->relay[i] = keep_text(texts[i]);
    }
    identity->options.language = lang;
    pthread_mutex_unlock(&identity->mail_mutex);
}

static const char *in_arena(struct scope *scope, const char *text)
{
    return text ? str_cz(&scope->arena, str_from(text)) : NULL;
}

bool mail_relay(struct scope *scope, struct identity *identity, struct mail_options *ret_relay)
{
    pthread_mutex_lock(&identity->mail_mutex);
    *ret_relay = (struct mail_options){in_arena(scope, identity->relay[0]), in_arena(scope, identity->relay[1]),
                                       in_arena(scope, identity->relay[2]), in_arena(scope, identity->relay[3]),
                                       in_arena(scope, identity->relay[4])};
    pthread_mutex_unlock(&identity->mail_mutex);
    return ret_relay->url && identity->options.public_url.n;
}

language mail_language(struct identity *identity)
{
    pthread_mutex_lock(&identity->mail_mutex);
    language lang = identity->options.language;
    pthread_mutex_unlock(&identity->mail_mutex);
    return lang;
}

static enum err read_options(struct scope *scope, struct identity *identity,
                             const struct identity_options *options)
{
    struct mail_options relay = {options->smtp_url, options->smtp_from, options->smtp_user,
                                 options->smtp_password_file, NULL};
    identity->public_url = keep_text(str_cz(&scope->arena, options->public_url));
    identity->options = *options;
    identity->options.public_url = str_from(identity->public_url);
    identity_use_mail(identity, &relay, options->language);
    if (relay.url && !mail_url_is_valid(str_from(relay.url))) {
        return fail(scope, ERR_USAGE,
                    "smtp-url: smtp://HOST:PORT or smtps://HOST:PORT is expected");
    }
    if (relay.url && !(relay.from && mail_address_is_valid(str_from(relay.from)))) {
        return fail(scope, ERR_USAGE,
                    "smtp-from: a mail address is expected, as in portal@example.org");
    }
    return ERR_OK;
}

static enum err make_tables(struct scope *scope, struct identity *identity)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(identity_make_tables(scope, lease));
    return db_commit(scope, lease);
}

enum err identity_open(struct scope *scope, struct catalog *catalog,
                       const struct identity_options *options, struct identity **ret_identity)
{
    struct identity *identity = calloc(1, sizeof(*identity));
    if (!identity) {
        bug_out_of_memory(sizeof(*identity));
    }
    crypto_start();
    pthread_mutex_init(&identity->mail_mutex, NULL);
    identity->db = catalog_database(catalog);
    enum err result = read_options(scope, identity, options);
    if (result == ERR_OK) {
        result = make_tables(scope, identity);
    }
    if (result == ERR_OK) {
        result = read_secrets(scope, identity, catalog);
    }
    if (result != ERR_OK) {
        identity_close(identity);
        return result;
    }
    identity->outbox = outbox_new(identity);
    *ret_identity = identity;
    return ERR_OK;
}

void identity_close(struct identity *identity)
{
    if (!identity) {
        return;
    }
    outbox_free(identity->outbox);
    for (size_t i = 0; i < ARRAY_LENGTH(identity->relay); i++) {
        forget_text(&identity->relay[i]);
    }
    free(identity->public_url);
    pthread_mutex_destroy(&identity->mail_mutex);
    explicit_bzero(identity, sizeof(*identity));
    free(identity);
}

usec identity_recent(const struct identity *identity)
{
    return identity->options.recent;
}

void identity_key(const struct identity *identity, str purpose, uint8_t ret_key[SECRET_BYTES])
{
    key_derive(identity->masters[0], purpose, ret_key);
}

/* ---- the first administrator ---- */

enum err identity_has_administrator(struct scope *scope, struct identity *identity, bool *ret_has)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell found;
    TRY(db_lease(scope, identity->db, &lease));
    TRY(DB_ASK(scope, lease, &found,
            "select exists (select 1 from \"user\" where active = 1 and role = ? and password is not null)",
            cell_text(str_from(role_name(ROLE_ADMINISTRATOR)))));
    *ret_has = found.number != 0;
    return ERR_OK;
}

#define NAMES_TRIED 100

/* "admin", if that is an administrator who waits for his first link, or the first name that is
 * free. */
static enum err find_first(struct scope *scope, struct identity *identity, int64_t *ret_id)
{
    for (int i = 1; i <= NAMES_TRIED; i++) {
        struct user user;
        struct new_user new = {.name = S("admin"), .role = ROLE_ADMINISTRATOR};
        if (i > 1) {
            new.name = str_printf(&scope->arena, "admin-%d", i);
        }
        new.display_name = new.name;
        enum err result = user_find(scope, identity, new.name, &user);
        if (result == ERR_OK && user.active && user.role == ROLE_ADMINISTRATOR) {
            *ret_id = user.id;
            return ERR_OK;
        }
        if (result == ERR_NO_USER) {
            scope_forgive(scope);
            return user_add(scope, identity, &actor_command_line, &new, ret_id);
        }
        TRY(result);
    }
    return fail(scope, ERR_CONFLICT, "there is no administrator; make one with parvis user add");
}

enum err identity_first_link(struct scope *scope, struct identity *identity, str *ret_token)
{
    bool has;
    int64_t id;
    *ret_token = STR_NONE;
    TRY(identity_has_administrator(scope, identity, &has));
    if (has) {
        return ERR_OK;
    }
    TRY(find_first(scope, identity, &id));
    return link_make(scope, identity, &actor_command_line, id, INVITATION_LIFETIME, ret_token);
}
