/*
 * Countries of addresses, from the files of Debian's tor-geoipdb: lines FIRST,LAST,CODE in order, comments behind #; the
 * addresses are numbers in the file of IPv4, and written out in that of IPv6.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/num.h"
#include "domain/analytics/internal.h"

#define LINE_BYTES 256
#define RANGES_MOST 4000000

struct range {
    uint8_t first[16], last[16]; /* IPv4 in the first four */
    char code[2];
};

struct ranges {
    struct range *items;
    size_t count, room;
};

struct countries {
    struct ranges four, six;
};

static bool read_number(str text, uint8_t ret[16])
{
    int64_t number;
    if (!num_read_int(text, &number) || number < 0 || number > UINT32_MAX) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        ret[i] = (uint8_t)(number >> (24 - 8 * i));
    }
    return true;
}

static bool read_six(str text, uint8_t ret[16])
{
    char copy[INET6_ADDRSTRLEN];
    if (text.n >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    return inet_pton(AF_INET6, copy, ret) == 1;
}

static bool read_range(str line, bool is_six, struct range *ret)
{
    str first, last, code;
    *ret = (struct range){.code = {'?', '?'}};
    if (!str_split(&line, ',', &first) || !str_split(&line, ',', &last) || !str_split(&line, ',', &code) ||
        code.n != 2) {
        return false;
    }
    memcpy(ret->code, code.p, 2);
    return is_six ? read_six(first, ret->first) && read_six(last, ret->last)
                  : read_number(first, ret->first) && read_number(last, ret->last);
}

static void add(struct ranges *ranges, const struct range *range)
{
    if (ranges->count == ranges->room) {
        ranges->room = ranges->room ? ranges->room * 2 : 4096;
        ranges->items = realloc(ranges->items, ranges->room * sizeof(*ranges->items));
        if (!ranges->items) {
            bug_out_of_memory(ranges->room * sizeof(*ranges->items));
        }
    }
    ranges->items[ranges->count++] = *range;
}

static bool follows(const struct ranges *ranges, const struct range *range)
{
    return memcmp(range->first, range->last, 16) <= 0 && ranges->count < RANGES_MOST &&
           (ranges->count == 0 || memcmp(ranges->items[ranges->count - 1].last, range->first, 16) < 0);
}

static enum err read_lines(struct scope *scope, FILE *file, const char *path, bool is_six, struct ranges *ranges)
{
    char text[LINE_BYTES];
    for (int64_t line = 1; fgets(text, sizeof(text), file); line++) {
        struct range range;
        str content = str_trim(str_from(text));
        if (content.n == 0 || content.p[0] == '#') {
            continue;
        }
        if (!read_range(content, is_six, &range) || !follows(ranges, &range)) {
            return fail(scope, ERR_DATA,
                        "geoip: %s: line %lld: FIRST,LAST,CODE is expected, behind the range before it, as in the "
                        "files of Debian's tor-geoipdb",
                        path, (long long)line);
        }
        add(ranges, &range);
    }
    return ERR_OK;
}

static enum err read_file(struct scope *scope, const char *path, bool is_six, struct ranges *ranges)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return fail(scope, ERR_FILE, "geoip: %s cannot be opened (%s)", path, strerror(errno));
    }
    enum err result = read_lines(scope, file, path, is_six, ranges);
    fclose(file);
    return result;
}

enum err countries_open(struct scope *scope, const char *path, struct countries **ret_countries)
{
    struct countries *countries = calloc(1, sizeof(*countries));
    if (!countries) {
        bug_out_of_memory(sizeof(*countries));
    }
    str six = str_printf(&scope->arena, "%s6", path);
    enum err result = read_file(scope, path, false, &countries->four);
    if (result == ERR_OK) {
        result = read_file(scope, six.p, true, &countries->six);
    }
    if (result != ERR_OK) {
        countries_close(countries);
        return result;
    }
    *ret_countries = countries;
    return ERR_OK;
}

void countries_close(struct countries *countries)
{
    if (countries) {
        free(countries->four.items);
        free(countries->six.items);
        free(countries);
    }
}

void countries_find(const struct countries *countries, const uint8_t *address, size_t bytes, char ret_code[3])
{
    uint8_t wanted[16] = {0};
    const struct ranges *ranges = bytes == 4 ? &countries->four : &countries->six;
    size_t low = 0;
    size_t high = ranges->count;
    memcpy(wanted, address, bytes);
    memcpy(ret_code, "??", 3);
    while (low < high) { /* the last range that begins at or before it */
        size_t middle = (low + high) / 2;
        if (memcmp(ranges->items[middle].first, wanted, 16) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (bytes && low && memcmp(wanted, ranges->items[low - 1].last, 16) <= 0) {
        memcpy(ret_code, ranges->items[low - 1].code, 2);
    }
}
