/* Members that say how the portal works: mail, retention, who may embed. */
#include "base/buf.h"
#include "domain/site/internal.h"
#include "platform/mail/mail.h"

#define USER_BYTES 200
#define DAYS_MOST 36500
#define VERSIONS_MOST 1000

/* ---- ancestors of embeds ---- */

/* What frame-ancestors takes: origins, perhaps with * for the first label; or * for all, or none. */
static bool is_ancestor(str word)
{
    bool has_scheme = str_starts(word, S("https://")) || str_starts(word, S("http://"));
    if (str_eq(word, S("*")) || str_eq(word, S("none"))) {
        return true;
    }
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && c != '.' && c != '-' && c != ':' && c != '*' &&
            !(c == '/' && i < 8)) {
            return false;
        }
    }
    return has_scheme && word.n > 8;
}

str site_ancestors(struct arena *arena, str text)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    str rest = text;
    str part;
    size_t count = 0;
    while (rest.n && str_split(&rest, ',', &part)) {
        str word = str_trim(part);
        bool is_alone = str_eq(word, S("*")) || str_eq(word, S("none"));
        if (!is_ancestor(word) || (is_alone && (count || rest.n))) {
            return STR_NONE;
        }
        buf_printf(&out, "%s%.*s", count++ ? " " : "", STR_ARG(str_eq(word, S("none")) ? S("'none'") : word));
    }
    return count ? buf_copy(&out, arena) : S("'none'");
}

static enum err read_ancestors(struct reading *reading, const json_t *value)
{
    str text;
    TRY(site_read_line(reading, "embed_ancestors", value, ADDRESS_BYTES, false, &text));
    reading->site->embed_ancestors = site_ancestors(&reading->scope->arena, text);
    return reading->site->embed_ancestors.p
               ? ERR_OK
               : site_wrong(reading, "embed_ancestors",
                            "*, none, or origins as in https://www.example.org,https://*.example.org are expected");
}

/* ---- mail ---- */

static enum err read_mail(struct reading *reading, const json_t *value)
{
    struct arena *arena = &reading->scope->arena;
    struct site_mail *mail = &reading->site->mail;
    json_t *user = json_object_get(value, "user");
    str url = json_read_text(json_object_get(value, "url"));
    str from = json_read_text(json_object_get(value, "from"));
    if (json_object_size(value) == 0 && json_is_object(value)) {
        return ERR_OK; /* no mail */
    }
    if (!mail_url_is_valid(url)) {
        return site_wrong(reading, "mail.url", "smtp://HOST:PORT or smtps://HOST:PORT is expected");
    }
    if (!mail_address_is_valid(from)) {
        return site_wrong(reading, "mail.from", "a mail address is expected, as in portal@example.org");
    }
    if (user) {
        str name;
        TRY(site_read_line(reading, "mail.user", user, USER_BYTES, false, &name));
        mail->user = str_cz(arena, name);
    }
    mail->url = str_cz(arena, url);
    mail->from = str_cz(arena, from);
    return ERR_OK;
}

/* ---- retention ---- */

static enum err read_count(const struct reading *reading, const char *member, const json_t *value, int64_t least,
                           int64_t most, int64_t *ret)
{
    if (!value) {
        return ERR_OK;
    }
    *ret = json_integer_value(value);
    return json_is_integer(value) && *ret >= least && *ret <= most
               ? ERR_OK
               : site_wrong(reading, member,
                            str_printf(&reading->scope->arena, "a number from %lld to %lld is expected",
                                       (long long)least, (long long)most)
                                .p);
}

static enum err read_retention(struct reading *reading, const json_t *value)
{
    struct site_retention *retention = &reading->site->retention;
    TRY(read_count(reading, "retention.audit_days", json_object_get(value, "audit_days"), 0, DAYS_MOST,
                   &retention->audit_days));
    TRY(read_count(reading, "retention.job_days", json_object_get(value, "job_days"), 0, DAYS_MOST,
                   &retention->job_days));
    TRY(read_count(reading, "retention.versions", json_object_get(value, "versions"), 1, VERSIONS_MOST,
                   &retention->versions));
    return json_is_object(value) ? ERR_OK : site_wrong(reading, "retention", "an object is expected");
}

enum err site_read_values(struct reading *reading, const json_t *settings)
{
    json_t *value;
    if ((value = json_object_get(settings, "mail"))) {
        TRY(read_mail(reading, value));
    }
    if ((value = json_object_get(settings, "embed_ancestors"))) {
        TRY(read_ancestors(reading, value));
    }
    if ((value = json_object_get(settings, "retention"))) {
        TRY(read_retention(reading, value));
    }
    return ERR_OK;
}
