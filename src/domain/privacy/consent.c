#include "base/num.h"
#include "domain/privacy/internal.h"

#define CONSENT_BYTES_MOST 59
#define SECONDS_A_DAY 86400

static const str objection = {".n", 2}; /* behind the rest */

/* ---- the value of the cookie ---- */

/* Digits of a base without sign or zeros in front, so that each number has one text only. */
static bool read_digits(str text, unsigned base, uint64_t most, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (text.n == 0 || (text.n > 1 && text.p[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        unsigned digit = is_ascii_digit(c)        ? (unsigned)(c - '0')
                         : (c >= 'a' && c <= 'f') ? (unsigned)(c - 'a') + 10
                                                  : base;
        if (digit >= base || number > (most - digit) / base) {
            return false;
        }
        number = number * base + digit;
    }
    *ret_number = number;
    return true;
}

bool consent_objects(str cookie)
{
    return str_ends(cookie, objection);
}

/* The purposes a visitor can accept or refuse. */
static unsigned optional_purposes(void)
{
    return ((1u << PURPOSE__COUNT) - 1) & ~(1u << PURPOSE_NECESSARY);
}

static bool parse(str value, struct consent *ret_consent)
{
    str version, revision, purposes, services, day;
    uint64_t numbers[4];
    bool objects = consent_objects(value);
    value.n -= objects ? objection.n : 0;
    if (value.n > CONSENT_BYTES_MOST || !str_split(&value, '.', &version) ||
        !str_split(&value, '.', &revision) || !str_split(&value, '.', &purposes) ||
        !str_split(&value, '.', &services) || !str_split(&value, '.', &day) || value.p) {
        return false;
    }
    if (!str_eq(version, S("v1")) || !read_digits(revision, 10, INT64_MAX, &numbers[0]) ||
        !read_digits(purposes, 16, UINT32_MAX, &numbers[1]) ||
        !read_digits(services, 16, UINT64_MAX, &numbers[2]) ||
        !read_digits(day, 10, INT32_MAX, &numbers[3])) {
        return false;
    }
    bool has_choice = numbers[0] > 0;
    if ((!has_choice && (!objects || numbers[1] || numbers[2])) || (numbers[1] & ~(uint64_t)optional_purposes())) {
        return false;
    }
    *ret_consent = (struct consent){.revision = (int64_t)numbers[0],
                                    .purposes = (unsigned)numbers[1],
                                    .services = numbers[2],
                                    .day = (int64_t)numbers[3],
                                    .chosen = has_choice,
                                    .objects = objects};
    return true;
}

static uint64_t declared_bits(const struct registry *registry)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < registry->service_count; i++) {
        bits |= UINT64_C(1) << registry->services[i].number;
    }
    return bits;
}

static int64_t day_of(usec instant)
{
    return instant / USEC_DAY;
}

struct consent consent_read(const struct privacy *privacy, const struct registry *registry,
                            str cookie, str gpc, str dnt, usec now)
{
    struct consent none = {.signal = str_eq(gpc, S("1")) || str_eq(dnt, S("1"))};
    struct consent consent;
    int64_t today = day_of(now);
    if (!parse(cookie, &consent) || consent.revision > registry->revision || consent.day > today ||
        (today - consent.day) * SECONDS_A_DAY > privacy->consent_seconds) {
        return none;
    }
    none.objects = consent.objects;
    if (!consent.chosen) {
        return none;
    }
    if (consent.revision < registry->revision) {
        none.outdated = true;
        none.revision = consent.revision;
        return none;
    }
    consent.signal = none.signal;
    consent.services &= declared_bits(registry);
    return consent;
}

str consent_write(struct arena *arena, const struct consent *consent)
{
    bool has_choice = consent->chosen || consent->outdated;
    return str_printf(arena, "v1.%lld.%x.%llx.%lld%s", has_choice ? (long long)consent->revision : 0LL,
                      consent->chosen ? consent->purposes & optional_purposes() : 0,
                      consent->chosen ? (unsigned long long)consent->services : 0ULL, (long long)consent->day,
                      consent->objects ? objection.p : "");
}

/* ---- choices ---- */

bool consent_allows(const struct consent *consent, const struct service *service)
{
    return consent->chosen && ((consent->purposes >> service->purpose & 1) ||
                               (consent->services >> service->number & 1));
}

struct consent consent_none(const struct registry *registry, usec now)
{
    return (struct consent){.chosen = true, .revision = registry->revision, .day = day_of(now)};
}

struct consent consent_all(const struct registry *registry, usec now)
{
    struct consent consent = consent_none(registry, now);
    consent.services = declared_bits(registry);
    for (size_t i = 0; i < registry->service_count; i++) {
        consent.purposes |= 1u << registry->services[i].purpose;
    }
    return consent;
}

int64_t consent_lifetime(const struct privacy *privacy)
{
    return privacy->consent_seconds;
}
