#include "domain/site/embed.h"

#include "base/buf.h"
#include "base/num.h"

#define HEIGHT_LEAST 120
#define HEIGHT_MOST 1200
#define DATASET_BYTES 100
#define QUERY_BYTES 2000
#define TITLE_BYTES 200

static const char *const kinds[] = {[EMBED_TABLE] = "table", [EMBED_MAP] = "map", [EMBED_CHART] = "chart"};

const char *embed_kind_name(enum embed_kind kind)
{
    return kinds[kind];
}

/* ---- a line ---- */

static bool is_dataset(str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!(c >= 'a' && c <= 'z') && !is_ascii_digit(c) && c != '-' && c != '_') {
            return false;
        }
    }
    return id.n && id.n <= DATASET_BYTES && id.p[0] != '-' && id.p[0] != '_';
}

/* What a person types is taken as it is; what no address may hold is coded. */
static str coded_query(struct arena *arena, str query)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < query.n; i++) {
        unsigned char c = (unsigned char)query.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"'<>\\^`{|}#", c)) {
            buf_printf(&out, "%%%02X", c);
        } else {
            buf_add_char(&out, (char)c);
        }
    }
    return buf_copy(&out, arena);
}

static bool read_option(struct embed_line *line, str option)
{
    size_t equals = str_find_char(option, '=', 0);
    str name = str_trim(str_slice(option, 0, equals));
    str value = equals == SIZE_MAX ? STR_NONE : str_trim(str_slice(option, equals + 1, option.n));
    if (str_eq(name, S("title")) && value.n && value.n <= TITLE_BYTES) {
        line->title = value;
        return true;
    }
    return str_eq(name, S("height")) && value.n < 6 && num_read_int(value, &line->height) &&
           line->height >= HEIGHT_LEAST && line->height <= HEIGHT_MOST;
}

static bool read_address(struct arena *arena, str address, struct embed_line *line)
{
    size_t mark = str_find_char(address, '?', 0);
    str query = mark == SIZE_MAX ? S("") : str_trim(str_slice(address, mark + 1, address.n));
    line->dataset = str_slice(address, 0, mark);
    line->query = query.n ? coded_query(arena, query) : S("");
    return is_dataset(line->dataset) && query.n <= QUERY_BYTES;
}

bool embed_line_read(struct arena *arena, str text, struct embed_line *ret_line)
{
    str line = str_trim(text);
    str part;
    bool is_found = false;
    if (!str_starts(line, S("{{")) || !str_ends(line, S("}}")) || line.n < 6) {
        return false;
    }
    str rest = str_slice(line, 2, line.n - 2);
    *ret_line = (struct embed_line){.height = EMBED_HEIGHT, .title = S(""), .source = line};
    if (!str_split(&rest, '|', &part)) {
        return false;
    }
    str first = str_trim(part);
    for (int kind = 0; kind < EMBED__COUNT && !is_found; kind++) {
        str name = str_from(kinds[kind]);
        is_found = str_starts(first, name) && first.n > name.n && is_ascii_space(first.p[name.n]);
        ret_line->kind = (enum embed_kind)kind;
        if (is_found && !read_address(arena, str_trim(str_slice(first, name.n, first.n)), ret_line)) {
            return false;
        }
    }
    while (is_found && rest.p && str_split(&rest, '|', &part)) {
        is_found = read_option(ret_line, part);
    }
    return is_found;
}

/* ---- a text ---- */

static str choose_mark(struct arena *arena, str text)
{
    str mark = S("embedq");
    for (unsigned i = 0; str_find(text, mark, 0) != SIZE_MAX; i++) {
        mark = str_printf(arena, "embedq%ug", i);
    }
    return mark;
}

static void follow_fence(struct embed_fence *fence, str line)
{
    size_t at = 0;
    while (at < line.n && line.p[at] == ' ') {
        at++;
    }
    char symbol = at < line.n && at < 4 ? line.p[at] : 0;
    size_t count = 0;
    while ((symbol == '`' || symbol == '~') && at + count < line.n && line.p[at + count] == symbol) {
        count++;
    }
    if (fence->symbol == 0 && count >= 3) {
        *fence = (struct embed_fence){symbol, count};
    } else if (fence->symbol && symbol == fence->symbol && count >= fence->count &&
               str_trim(str_slice(line, at + count, line.n)).n == 0) {
        *fence = (struct embed_fence){0};
    }
}

bool embed_fence_follow(struct embed_fence *fence, str line)
{
    bool is_code = fence->symbol || str_starts(line, S("    ")) || str_starts(line, S("\t"));
    follow_fence(fence, line);
    return is_code;
}

str embed_lines_take(struct arena *arena, str text, struct embed_lines *ret_lines)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct embed_fence fence = {0};
    str rest = text;
    str line;
    *ret_lines = (struct embed_lines){.mark = choose_mark(arena, text)};
    while (rest.p && rest.n && str_split(&rest, '\n', &line)) {
        bool is_code = embed_fence_follow(&fence, line);
        struct embed_line *embed = &ret_lines->items[ret_lines->count];
        if (!is_code && ret_lines->count < EMBEDS_MOST && embed_line_read(arena, line, embed)) {
            /* A paragraph of its own, whatever stands around it. */
            buf_printf(&out, "\n%.*s%03zux\n\n", STR_ARG(ret_lines->mark), ret_lines->count++);
        } else {
            buf_add(&out, line);
            buf_add_char(&out, '\n');
        }
    }
    return buf_copy(&out, arena);
}
