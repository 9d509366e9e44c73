/* What is kept of a visitor's program: a label of a known set, and whether it signed in before. */
#include "domain/identity/internal.h"

struct mark {
    const char *part; /* of the header */
    const char *label;
};

/* Browsers name those that they descend from, so the more special come first. */
static const struct mark browsers[] = {
    {"Edg/", "Edge"},          {"EdgA/", "Edge"},
    {"EdgiOS/", "Edge"},       {"OPR/", "Opera"},
    {"Opera", "Opera"},        {"SamsungBrowser/", "Samsung Internet"},
    {"Vivaldi/", "Vivaldi"},   {"YaBrowser/", "Yandex"},
    {"FxiOS/", "Firefox"},     {"Seamonkey/", "SeaMonkey"},
    {"Firefox/", "Firefox"},   {"CriOS/", "Chrome"},
    {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
};
static const struct mark systems[] = {
    {"iPhone", "iOS"},      {"iPad", "iPadOS"},    {"Android", "Android"}, {"Windows", "Windows"},
    {"CrOS", "ChromeOS"},   {"Mac OS X", "macOS"}, {"Macintosh", "macOS"}, {"FreeBSD", "FreeBSD"},
    {"OpenBSD", "OpenBSD"}, {"Linux", "Linux"},
};
static const struct mark programs[] = {
    {"curl/", "curl"},
    {"Wget/", "Wget"},
    {"python-requests/", "Python"},
    {"Python-urllib/", "Python"},
    {"python-httpx/", "Python"},
    {"aiohttp/", "Python"},
    {"Go-http-client/", "Go"},
    {"okhttp/", "Java"},
    {"Java/", "Java"},
    {"node", "Node.js"},
    {"libcurl", "libcurl"},
    {"PostmanRuntime/", "Postman"},
};

static const char *find_mark(str text, const struct mark *marks, size_t count, bool only_start)
{
    for (size_t i = 0; i < count; i++) {
        str part = str_from(marks[i].part);
        if (only_start ? str_starts(text, part) : str_find(text, part, 0) != SIZE_MAX) {
            return marks[i].label;
        }
    }
    return NULL;
}

#define USER_AGENT_BYTES 512 /* the names that matter stand before that */

str device_label(struct arena *arena, str user_agent)
{
    str text = str_slice(user_agent, 0, USER_AGENT_BYTES);
    const char *program = find_mark(text, programs, ARRAY_LENGTH(programs), true);
    const char *browser = find_mark(text, browsers, ARRAY_LENGTH(browsers), false);
    const char *system = find_mark(text, systems, ARRAY_LENGTH(systems), false);
    if (program || !browser) {
        return program ? str_from(program) : S("Other");
    }
    return system ? str_printf(arena, "%s on %s", browser, system) : str_from(browser);
}

bool session_fits(struct arena *arena, const struct session *session, const struct origin *origin)
{
    return str_eq(session->label, device_label(arena, origin->user_agent));
}

/* A change of the browser's version is not another device; a change of network is. */
void device_digest(struct arena *arena, const struct identity *identity, int64_t user,
                   const struct origin *origin, uint8_t ret_digest[DIGEST_BYTES])
{
    str label = device_label(arena, origin->user_agent);
    str text = str_printf(arena, "%lld %.*s %.*s", (long long)user, STR_ARG(label),
                          STR_ARG(origin->network));
    digest_hmac(identity->device_key, text, ret_digest);
}

enum err device_is_known(struct scope *scope, struct identity *identity, struct db_lease *lease,
                         int64_t user, const struct origin *origin, bool *ret_known)
{
    uint8_t digest[DIGEST_BYTES];
    cell known;
    device_digest(&scope->arena, identity, user, origin, digest);
    TRY(DB_ASK(scope, lease, &known, "select exists (select 1 from login_history where device = ?)",
            cell_digest(digest)));
    *ret_known = known.number != 0;
    return ERR_OK;
}

enum err device_remember(struct scope *scope, struct identity *identity, struct db_lease *lease,
                         int64_t user, const struct origin *origin)
{
    uint8_t digest[DIGEST_BYTES];
    device_digest(&scope->arena, identity, user, origin, digest);
    return DB_RUN(scope, lease, "insert into login_history (device, user_id, last_used) values (?, ?, ?) on conflict (device)"
                  " do update set user_id = excluded.user_id, last_used = excluded.last_used",
               cell_digest(digest), cell_int(user), cell_instant(clock_wall()));
}
