/*
 * Any template that compiles is shown once with harmless and once with hostile values: tags,
 * quotes, attributes and the hosts of addresses must be the same in both.
 */
#include "base/bug.h"
#include "platform/tpl/tpl_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct tag {
    str name;
    bool last;
};

struct person {
    str name;
    int64_t id;
    bool chosen;
    struct tpl_list tags;
};

struct all {
    str text;
    str url;
    str empty;
    str date;
    str time;
    int64_t id;
    int64_t count;
    bool yes;
    bool no;
    usec moment;
    enum message note;
    struct html body;
    struct tpl_list people;
};

static const struct tpl_member tag_members[] = {TPL_TEXT(struct tag, name),
                                                TPL_BOOL(struct tag, last)};
static const struct tpl_struct tag_struct = TPL_STRUCT(struct tag, tag_members);
static const struct tpl_member person_members[] = {
    TPL_TEXT(struct person, name), TPL_NUMBER(struct person, id), TPL_BOOL(struct person, chosen),
    TPL_LIST(struct person, tags, tag_struct)};
static const struct tpl_struct person_struct = TPL_STRUCT(struct person, person_members);
static const struct tpl_member all_members[] = {TPL_TEXT(struct all, text),
                                                TPL_URL(struct all, url),
                                                TPL_TEXT(struct all, empty),
                                                TPL_TEXT(struct all, date),
                                                TPL_TEXT(struct all, time),
                                                TPL_NUMBER(struct all, id),
                                                TPL_INT(struct all, count),
                                                TPL_BOOL(struct all, yes),
                                                TPL_BOOL(struct all, no),
                                                TPL_INSTANT(struct all, moment),
                                                TPL_MESSAGE(struct all, note),
                                                TPL_HTML(struct all, body),
                                                TPL_LIST(struct all, people, person_struct)};
static const struct tpl_struct all_struct = TPL_STRUCT(struct all, all_members);
static const struct tpl_binding binding = {"page", &all_struct};
static const struct tpl_binding *const bindings[] = {&binding};

/* What the browser makes of a page. */
struct outline {
    struct buf shape; /* states, names of elements and attributes */
    struct buf hosts; /* schemes and hosts of the addresses */
    size_t marks;     /* bytes that end a place */
};

/* Scheme and host, in whatever case and with whatever slashes a browser takes for them. */
static void add_host(struct outline *outline, str url)
{
    size_t at = 0;
    while (at < url.n && url.p[at] != ':' && url.p[at] != '/' && url.p[at] != '\\' &&
           url.p[at] != '?' && url.p[at] != '#') {
        at++;
    }
    if (at < url.n && url.p[at] == ':') {
        at++;
    } else {
        at = 0;
    }
    size_t slashes = at;
    while (slashes < url.n && (url.p[slashes] == '/' || url.p[slashes] == '\\')) {
        slashes++;
    }
    if (slashes - at >= 2 || (at && slashes > at)) {
        at = slashes;
        while (at < url.n && url.p[at] != '/' && url.p[at] != '?' && url.p[at] != '#') {
            at++;
        }
    }
    buf_add(&outline->hosts, str_slice(url, 0, at));
    buf_add_char(&outline->hosts, '\n');
}

static void read_outline(str html, struct outline *outline)
{
    struct html_place place = {0};
    size_t value = 0;
    for (size_t i = 0; i < html.n; i++) {
        struct html_place before = place;
        size_t at;
        bug_if(place_feed(&place, str_slice(html, i, i + 1), &at));
        char c = html.p[i];
        outline->marks += c == '<' || c == '>' || c == '"' || c == '\'';
        if (place.state == before.state) {
            continue;
        }
        buf_add_char(&outline->shape, (char)('A' + (int)place.state));
        if (before.state == HTML_ELEMENT) {
            buf_add(&outline->shape, (str){place.element, place.element_bytes});
        } else if (before.state == HTML_ATTRIBUTE) {
            buf_add(&outline->shape, (str){place.attribute, place.attribute_bytes});
        } else if (before.state == HTML_EQUALS) {
            value = i + 1;
        } else if (place.state == HTML_VALUE_END && place.kind == ATTRIBUTE_URL) {
            add_host(outline, str_slice(html, value, i));
        }
    }
}

static struct outline outline_of(struct scope *scope, const struct tpl *tpl, const char *text,
                                 size_t text_bytes, const char *url)
{
    str value = {text, text_bytes};
    struct tag tags[] = {{value, false}, {value, true}};
    struct person people[] = {{value, 1, true, {tags, 2}}, {value, 2, false, {tags, 0}}};
    struct all data = {.text = value,
                       .url = str_from(url),
                       .date = value,
                       .time = value,
                       .id = -5,
                       .count = 12345,
                       .yes = true,
                       .moment = USEC_SECOND,
                       .note = MSG_LANGUAGE_NAME,
                       .body = {S("<b>x</b>")},
                       .people = {people, 2}};
    struct outline outline = {0};
    struct buf out = {0};
    tpl_render(scope, tpl, &binding, 0, &data, &out);
    bug_if(str_find(buf_str(&out), S("vbscript:QU"), 0) != SIZE_MAX);
    read_outline(buf_str(&out), &outline);
    buf_done(&out);
    return outline;
}

static void outline_done(struct outline *outline)
{
    buf_done(&outline->shape);
    buf_done(&outline->hosts);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct {
        const char *text;
        size_t n;
    } hostile[] = {
        {"\"'><script>Q</script><!--&", 26},
        {"..", 2},
        {"//Q/", 4},
        {"javascript:Q", 12},
        {"\\Q:@Q", 5},
        {"'=`\t\n Q", 7},
        {"\xff\0<\xc0\xbc", 5},
        {"&lt;script&gt;&#62;{{text}}", 27},
    };
    static const char *const urls[] = {"vbscript:QU",  "//Q",     "/\tQ",
                                       "https://Q\">", "/\"'<>Q", "/\\Q"};
    str text = {(const char *)bytes, size};
    if (size == 0 || str_find_char(text, 'Q', 0) != SIZE_MAX) {
        return 0;
    }
    messages_start();
    struct scope scope;
    scope_open(&scope);
    const struct tpl_source sources[] = {{"page", text},
                                         {"part", S("<p title=\"{{text}}\">{{url}}</p>\n")}};
    struct tpl *tpl;
    if (tpl_open_sources(&scope, sources, 2, bindings, 1, &tpl) == ERR_OK) {
        struct outline harmless = outline_of(&scope, tpl, "b", 1, "/b");
        for (size_t i = 0; i < ARRAY_LENGTH(hostile); i++) {
            const char *url = urls[(i + size) % ARRAY_LENGTH(urls)];
            struct outline shown = outline_of(&scope, tpl, hostile[i].text, hostile[i].n, url);
            bug_if(!str_eq(buf_str(&shown.shape), buf_str(&harmless.shape)));
            bug_if(shown.marks != harmless.marks);
            if (!str_starts(str_from(url), S("https:"))) { /* that one may be another host */
                bug_if(!str_eq(buf_str(&shown.hosts), buf_str(&harmless.hosts)));
            }
            outline_done(&shown);
        }
        outline_done(&harmless);
        tpl_close(tpl);
    }
    scope_close(&scope);
    return 0;
}
