/* Codes of embeds, made for other sites, that somebody puts into a page of the portal itself. */
#include "base/buf.h"
#include "base/num.h"
#include "domain/site/embed.h"

#define HEIGHT_LEAST 120
#define HEIGHT_MOST 1200
#define CODE_BYTES 4000
#define EMBED_PATH "/embed/dataset/"

struct code {
    str address, title;
    int64_t height;
    size_t end; /* behind it in the text */
};

/* ---- the element ---- */

static str decoded(struct arena *arena, str value)
{
    static const struct {
        const char *name, *text;
    } entities[] = {{"&amp;", "&"}, {"&quot;", "\""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&#39;", "'"}};
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t at = 0; at < value.n;) {
        str rest = str_slice(value, at, value.n);
        size_t before = at;
        for (size_t i = 0; i < ARRAY_LENGTH(entities) && at == before; i++) {
            if (str_starts(rest, str_from(entities[i].name))) {
                buf_add(&out, str_from(entities[i].text));
                at += strlen(entities[i].name);
            }
        }
        if (at == before) {
            buf_add_char(&out, value.p[at++]);
        }
    }
    return buf_copy(&out, arena);
}

static bool starts_with_word(str text, const char *word)
{
    size_t length = strlen(word);
    return text.n >= length && str_eq_nocase(str_slice(text, 0, length), str_from(word));
}

static size_t skip_space(str text, size_t at)
{
    while (at < text.n && is_ascii_space(text.p[at])) {
        at++;
    }
    return at;
}

/* An attribute at *at, which is moved behind it; false: there is none, or it has no quoted value. */
static bool read_attribute(str text, size_t *at, str *ret_name, str *ret_value)
{
    size_t from = skip_space(text, *at);
    size_t end = from;
    while (end < text.n && !is_ascii_space(text.p[end]) && !strchr("=>/\"'<", text.p[end])) {
        end++;
    }
    *ret_name = str_slice(text, from, end);
    *ret_value = S("");
    *at = skip_space(text, end);
    if (end == from || *at >= text.n || text.p[*at] != '=') {
        return end > from;
    }
    *at = skip_space(text, *at + 1);
    char quote = *at < text.n ? text.p[*at] : 0;
    size_t close = quote == '"' || quote == '\'' ? str_find_char(text, quote, *at + 1) : SIZE_MAX;
    if (close == SIZE_MAX) {
        return false;
    }
    *ret_value = str_slice(text, *at + 1, close);
    *at = close + 1;
    return true;
}

/* An iframe with its end at the start of text. */
static bool read_code(struct arena *arena, str text, struct code *ret_code)
{
    size_t at = sizeof("<iframe") - 1;
    str name, value;
    *ret_code = (struct code){.height = EMBED_HEIGHT, .address = S(""), .title = S("")};
    if (!starts_with_word(text, "<iframe") || at >= text.n || !is_ascii_space(text.p[at])) {
        return false;
    }
    while (read_attribute(text, &at, &name, &value)) {
        if (str_eq_nocase(name, S("src"))) {
            ret_code->address = decoded(arena, value);
        } else if (str_eq_nocase(name, S("title"))) {
            ret_code->title = decoded(arena, value);
        } else if (str_eq_nocase(name, S("height")) && !num_read_int(value, &ret_code->height)) {
            ret_code->height = EMBED_HEIGHT;
        }
    }
    at = skip_space(text, at);
    if (at >= text.n || text.p[at] != '>') {
        return false;
    }
    at = skip_space(text, at + 1);
    ret_code->end = at + sizeof("</iframe>") - 1;
    return starts_with_word(str_slice(text, at, text.n), "</iframe>");
}

/* ---- the line ---- */

/* Without the language: that of the page is meant. */
static str without_language(struct arena *arena, str query)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    str part;
    while (query.n && str_split(&query, '&', &part)) {
        if (part.n && !str_starts(part, S("lang="))) {
            buf_add(&out, out.n ? S("&") : S(""));
            buf_add(&out, part);
        }
    }
    return buf_copy(&out, arena);
}

/* What separates the parts of a line must not be in them. */
static str plain(struct arena *arena, str text, const char *instead)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        str kept = {&text.p[i], 1};
        buf_add(&out, c == '|' ? str_from(instead) : c < ' ' ? S(" ") : kept);
    }
    return buf_copy(&out, arena);
}

static bool make_line(struct arena *arena, const struct code *code, str base, str *ret_line)
{
    struct embed_line read;
    str address = str_starts(code->address, base) ? str_slice(code->address, base.n, code->address.n) : code->address;
    if (!str_starts(address, S(EMBED_PATH))) {
        return false;
    }
    address = str_slice(address, sizeof(EMBED_PATH) - 1, address.n);
    size_t mark = str_find_char(address, '?', 0);
    str path = str_slice(address, 0, mark);
    str query = mark == SIZE_MAX ? S("") : str_slice(address, mark + 1, address.n);
    path = str_ends(path, S("/")) ? str_slice(path, 0, path.n - 1) : path;
    size_t slash = str_find_char(path, '/', 0);
    if (slash == SIZE_MAX) {
        return false;
    }
    int64_t height = code->height < HEIGHT_LEAST ? HEIGHT_LEAST : code->height > HEIGHT_MOST ? HEIGHT_MOST : code->height;
    str title = str_trim(plain(arena, code->title, "/"));
    query = plain(arena, without_language(arena, query), "%7C");
    *ret_line = str_printf(arena, "{{%.*s %.*s%s%.*s%s%.*s | height=%lld}}", STR_ARG(str_slice(path, slash + 1, path.n)),
                           STR_ARG(str_slice(path, 0, slash)), query.n ? "?" : "", STR_ARG(query),
                           title.n ? " | title=" : "", STR_ARG(title), (long long)height);
    return embed_line_read(arena, *ret_line, &read);
}

/* ---- the text ---- */

/* Puts a line where a code of several lines may begin; how far it went, 0: there is none. */
static size_t take(struct arena *arena, str text, size_t at, str base, struct buf *out)
{
    struct code code;
    str line;
    bool is_quoted = at > 0 && text.p[at - 1] == '`';
    str rest = str_slice(text, at, text.n < at + CODE_BYTES ? text.n : at + CODE_BYTES);
    if (is_quoted || !read_code(arena, rest, &code) || !make_line(arena, &code, base, &line)) {
        return 0;
    }
    size_t behind = at + code.end;
    bool begins = at == 0 || text.p[at - 1] == '\n';
    bool ends = behind == text.n || text.p[behind] == '\n' || text.p[behind] == '\r';
    buf_printf(out, "%s%.*s%s", begins ? "" : "\n\n", STR_ARG(line), ends ? "" : "\n\n");
    return code.end;
}

str embed_codes_take(struct arena *arena, str text, str base, size_t *ret_count)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct embed_fence fence = {0};
    size_t behind = 0; /* of the line that at is in */
    bool is_code = false;
    *ret_count = 0;
    for (size_t at = 0; at < text.n;) {
        if (at >= behind && (at == 0 || text.p[at - 1] == '\n')) {
            size_t end = str_find_char(text, '\n', at);
            behind = end == SIZE_MAX ? text.n : end + 1;
            is_code = embed_fence_follow(&fence, str_slice(text, at, behind));
        }
        size_t taken = !is_code && text.p[at] == '<' ? take(arena, text, at, base, &out) : 0;
        *ret_count += taken ? 1 : 0;
        if (!taken) {
            buf_add_char(&out, text.p[at]);
        }
        at += taken ? taken : 1;
    }
    return buf_copy(&out, arena);
}
