/* Opening: tables, secrets, settings. */
#include "domain/identity/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "domain/identity/internal.h"
#include "platform/mail/mail.h"

/* Instants and durations are microseconds; digests are of SHA-256 or HMAC-SHA-256. */
static const char tables[] =
    "create table if not exists user ("
    " id integer primary key autoincrement, name text not null, name_key text not null unique,"
    " display_name text not null, email text not null, email_key text not null, role text not null,"
    " active integer not null, password text, password_changed integer not null,"
    " epoch integer not null, second_factor blob, factor_step integer not null,"
    " created integer not null, last_sign_in integer not null);"
    "create index if not exists user_email on user (email_key) where email_key <> '';"
    "create table if not exists user_group ("
    " id integer primary key, name text not null unique, created integer not null);"
    "create table if not exists user_group_member ("
    " group_id integer not null references user_group (id) on delete cascade,"
    " user_id integer not null references user (id) on delete cascade,"
    " primary key (group_id, user_id));"
    "create index if not exists user_group_member_user on user_group_member (user_id);"
    "create table if not exists session ("
    " row integer primary key autoincrement, digest blob not null unique,"
    " user_id integer not null references user (id) on delete cascade, epoch integer not null,"
    " created integer not null, last_seen integer not null,"
    " authenticated integer not null, idle integer not null, expires integer not null,"
    " remembered integer not null, label text not null, network text not null, flash text);"
    "create index if not exists session_user on session (user_id);"
    "create index if not exists session_expires on session (expires);"
    "create table if not exists link ("
    " user_id integer primary key references user (id) on delete cascade,"
    " digest blob not null unique, created integer not null, expires integer not null);"
    "create table if not exists recovery_code ("
    " user_id integer not null references user (id) on delete cascade, digest blob not null,"
    " primary key (user_id, digest)) without rowid;"
    "create table if not exists api_key ("
    " id integer primary key autoincrement, digest blob not null unique,"
    " user_id integer not null references user (id) on delete cascade, name text not null,"
    " prefix text not null, scopes integer not null, created integer not null,"
    " expires integer not null, last_used integer not null, revoked integer not null);"
    "create index if not exists api_key_user on api_key (user_id);"
    "create table if not exists login_history ("
    " device blob primary key, user_id integer not null references user (id) on delete cascade,"
    " last_used integer not null) without rowid;"
    "create index if not exists login_history_user on login_history (user_id);"
    "create table if not exists throttle ("
    " counter blob primary key, failures integer not null, last integer not null,"
    " until integer not null) without rowid;"
    "create index if not exists throttle_last on throttle (last);"
    "create table if not exists audit ("
    " id integer primary key autoincrement, at integer not null, actor text not null,"
    " action text not null, subject text not null, detail text not null, network text not null);"
    "create index if not exists audit_at on audit (at);"
    "create index if not exists audit_action on audit (action, id);";

enum err identity_master(struct scope *scope, const char *data_directory,
                         uint8_t ret_master[SECRET_BYTES])
{
    str directory = str_printf(&scope->arena, "%s/secrets", data_directory);
    str master = str_printf(&scope->arena, "%s/master", directory.p);
    if (mkdir(directory.p, 0700) != 0 && errno != EEXIST) {
        return fail(scope, ERR_FILE, "%s: the directory cannot be made (%s)", directory.p,
                    strerror(errno));
    }
    return secret_file(scope, master.p, ret_master);
}

static enum err read_secrets(struct scope *scope, struct identity *identity, const char *data)
{
    str former = str_printf(&scope->arena, "%s/secrets/master.former", data);
    TRY(identity_master(scope, data, identity->masters[0]));
    identity->master_count = 1;
    if (access(former.p, F_OK) == 0) {
        TRY(secret_file(scope, former.p, identity->masters[1]));
        identity->master_count = 2;
    }
    identity_key(identity, S("throttle"), identity->throttle_key);
    identity_key(identity, S("login history"), identity->device_key);
    identity_key(identity, S("pending sign-in"), identity->pending_key);
    return ERR_OK;
}

static const char *keep_text(struct identity *identity, size_t at, const char *text)
{
    if (!text || !text[0]) {
        return NULL;
    }
    identity->texts[at] = strdup(text);
    if (!identity->texts[at]) {
        bug_out_of_memory(strlen(text));
    }
    return identity->texts[at];
}

static enum err read_options(struct scope *scope, struct identity *identity,
                             const struct identity_options *options)
{
    struct identity_options kept = *options;
    kept.smtp_url = keep_text(identity, 0, options->smtp_url);
    kept.smtp_from = keep_text(identity, 1, options->smtp_from);
    kept.smtp_user = keep_text(identity, 2, options->smtp_user);
    kept.smtp_password_file = keep_text(identity, 3, options->smtp_password_file);
    kept.public_url = str_from(keep_text(identity, 4, str_cz(&scope->arena, options->public_url)));
    identity->options = kept;
    if (kept.smtp_url && !mail_url_is_valid(str_from(kept.smtp_url))) {
        return fail(scope, ERR_USAGE,
                    "smtp-url: smtp://HOST:PORT or smtps://HOST:PORT is expected");
    }
    if (kept.smtp_url && !(kept.smtp_from && mail_address_is_valid(str_from(kept.smtp_from)))) {
        return fail(scope, ERR_USAGE,
                    "smtp-from: a mail address is expected, as in portal@example.org");
    }
    return ERR_OK;
}

static enum err make_tables(struct scope *scope, struct identity *identity)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(db_script(scope, lease, tables));
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
    identity->db = catalog_database(catalog);
    enum err result = read_options(scope, identity, options);
    if (result == ERR_OK) {
        result = read_secrets(scope, identity, catalog_data_directory(catalog));
    }
    if (result == ERR_OK) {
        result = make_tables(scope, identity);
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
    for (size_t i = 0; i < ARRAY_LENGTH(identity->texts); i++) {
        free(identity->texts[i]);
    }
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
            "select exists (select 1 from user where active and role = ? and password is not null)",
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
