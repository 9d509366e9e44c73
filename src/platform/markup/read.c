/*
 * Tags and text as libxml2's HTML parser reads them, in the order of the document. No tree is built. What the
 * parser does by the square of the input is kept small: it asks for bytes a few at a time, so a tag with very many
 * attributes is noticed while it is read, and it and what follows are text; and a parser with many open elements
 * is replaced by a new one, which goes on behind them.
 */
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include "base/bug.h"
#include "platform/markup/markup_internal.h"

#define CHUNK ((size_t)512)
#define OPENING S("<body>")        /* a parser that begins with text would put it into a paragraph */
#define END_TAGS_IGNORED (1 << 20) /* of body and html: behind them parsers read no more */
#define OPEN_MOST 256              /* elements that a parser has open, */
#define OPEN_LAST 512              /* and when the last is inline or within one that is dropped */
#define TAG_FREE ((size_t)2048)    /* bytes of a tag that may hold any number of attributes; in longer ones are */
#define TAG_PARTS_MOST 500         /* so many blanks and quotes, */
#define TAG_MOST ((size_t)200 << 10) /* and so many bytes */
#define OPTIONS (HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC)

_Static_assert(OPEN_MOST > OPEN_ROOM + 2, "what is written is read with one parser: it stays the same");

static const str attribute_names[ATTRIBUTE__COUNT] = {
    [ATTRIBUTE_ALT] = {"alt", 3},           [ATTRIBUTE_COLSPAN] = {"colspan", 7},
    [ATTRIBUTE_DATETIME] = {"datetime", 8}, [ATTRIBUTE_DIR] = {"dir", 3},
    [ATTRIBUTE_HREF] = {"href", 4},         [ATTRIBUTE_LANG] = {"lang", 4},
    [ATTRIBUTE_ROWSPAN] = {"rowspan", 7},   [ATTRIBUTE_SCOPE] = {"scope", 5},
    [ATTRIBUTE_SRC] = {"src", 3},           [ATTRIBUTE_START] = {"start", 5},
    [ATTRIBUTE_TITLE] = {"title", 5}};

struct reading {
    piece_taker take;
    void *user;
    bool is_stopped; /* by take */
    htmlParserCtxtPtr parser;
    str html;
    size_t from;      /* where in html this parser began */
    size_t fed;       /* what it got ends here */
    size_t resume;    /* where the next one begins; SIZE_MAX: this one goes on */
    size_t dropped;   /* elements that are open from one on that is dropped */
    bool is_opened;   /* the parser has got OPENING */
    size_t settled;   /* where the parser was when it last told something */
    size_t tag_at;    /* what it has been reading since then, */
    size_t tag_parts; /* the blanks and quotes of that … */
    size_t counted;   /* … up to here */
    struct buf text;  /* before the next tag */
};

/* ---- what looks like markup ---- */

bool markup_is_plain(str html)
{
    for (size_t at = str_find_char(html, '<', 0); at != SIZE_MAX; at = str_find_char(html, '<', at + 1)) {
        char next = at + 1 < html.n ? html.p[at + 1] : ' ';
        if (is_ascii_letter(next) || strchr("/!?", next)) {
            return false;
        }
    }
    return true;
}

/* ---- pieces ---- */

static bool ignores(const struct reading *reading)
{
    return reading->is_stopped || reading->resume != SIZE_MAX;
}

static void give(struct reading *reading, const struct piece *piece)
{
    if (!reading->is_stopped) {
        reading->is_stopped = !reading->take(reading->user, piece);
    }
}

static void give_text(struct reading *reading)
{
    if (reading->text.n) {
        give(reading, &(struct piece){.kind = PIECE_TEXT, .text = buf_str(&reading->text)});
        buf_clear(&reading->text);
    }
}

/* The place in html up to which the parser has read. */
static size_t position(const struct reading *reading)
{
    size_t unread = (size_t)(reading->parser->input->end - reading->parser->input->cur);
    return reading->fed - (unread < reading->fed - reading->from ? unread : reading->fed - reading->from);
}

/* The parser is done with what is before. */
static void settle(struct reading *reading)
{
    reading->settled = position(reading);
}

static bool is_dropped(enum element_role role)
{
    return role == ROLE_RAW || role == ROLE_DROPPED;
}

static bool is_silent(enum element_role role)
{
    return role == ROLE_NONE || role == ROLE_EMPTY;
}

/* Behind the end of a start tag, which follows what the parser has read of it. */
static size_t behind_tag(str html, size_t at)
{
    at += at < html.n && html.p[at] == '/';
    return at + (at < html.n && html.p[at] == '>');
}

static void give_start(struct reading *reading, enum element_id id, const xmlChar **attributes)
{
    struct piece piece = {.kind = PIECE_START, .id = id};
    for (; attributes && attributes[0]; attributes += 2) {
        str name = str_from((const char *)attributes[0]);
        for (size_t i = 0; i < ATTRIBUTE__COUNT; i++) {
            if (str_eq(attribute_names[i], name)) {
                piece.attributes[i] = attributes[1] ? str_from((const char *)attributes[1]) : S("");
            }
        }
    }
    give_text(reading);
    give(reading, &piece);
}

static void on_start(void *user, const xmlChar *name, const xmlChar **attributes)
{
    struct reading *reading = user;
    settle(reading);
    if (ignores(reading)) {
        return;
    }
    enum element_id id = element_find(str_from((const char *)name));
    enum element_role role = elements[id].role;
    if (reading->dropped || is_dropped(role)) {
        reading->dropped++;
    } else if (!is_silent(role)) {
        give_start(reading, id, attributes);
    }
    bool is_inline = role == ROLE_INLINE || role == ROLE_ONCE;
    int most = reading->dropped || is_inline ? OPEN_LAST : OPEN_MOST; /* their ends should be seen */
    if (reading->parser->nameNr >= most) {
        reading->resume = behind_tag(reading->html, position(reading));
    }
}

static void on_end(void *user, const xmlChar *name)
{
    struct reading *reading = user;
    settle(reading);
    if (ignores(reading)) {
        return;
    }
    enum element_id id = element_find(str_from((const char *)name));
    enum element_role role = elements[id].role;
    if (reading->dropped) {
        reading->dropped--;
    } else if (role >= ROLE_INLINE && role <= ROLE_STRUCTURE) {
        give_text(reading);
        give(reading, &(struct piece){.kind = PIECE_STOP, .id = id});
    }
}

static void on_text(void *user, const xmlChar *text, int n)
{
    struct reading *reading = user;
    settle(reading);
    if (!ignores(reading) && !reading->dropped) {
        add_meant(&reading->text, (str){(const char *)text, (size_t)n});
    }
}

/* Comments and the like show nothing, but the parser is behind them. */
static void on_comment(void *user, const xmlChar *text)
{
    (void)text;
    settle(user);
}

static void on_instruction(void *user, const xmlChar *target, const xmlChar *text)
{
    (void)target, (void)text;
    settle(user);
}

/* ---- what the parser gets ---- */

/* Whether the parser has been reading a tag for so long that comparing its attributes takes too much time. */
static bool tag_is_too_long(struct reading *reading)
{
    str html = reading->html;
    size_t at = reading->settled;
    while (at < reading->fed && html.p[at] != '<' && html.p[at] != '&') {
        at++; /* text is told before the parser goes on behind it */
    }
    if (at == reading->fed || str_starts(str_slice(html, at, at + 4), S("<!--"))) {
        return false;
    }
    if (reading->tag_at != at) {
        reading->tag_at = at;
        reading->tag_parts = 0;
        reading->counted = at;
    }
    for (; reading->counted < reading->fed; reading->counted++) {
        char c = html.p[reading->counted];
        reading->tag_parts += is_ascii_space(c) || c == '"' || c == '\'';
    }
    size_t n = reading->fed - at;
    return n > TAG_MOST || (n > TAG_FREE && reading->tag_parts > TAG_PARTS_MOST);
}

static int read_bytes(void *user, char *buffer, int room)
{
    struct reading *reading = user;
    if (!reading->is_opened) {
        reading->is_opened = true;
        memcpy(buffer, OPENING.p, OPENING.n);
        return (int)OPENING.n;
    }
    if (ignores(reading)) {
        return 0;
    }
    if (tag_is_too_long(reading)) {
        if (!reading->dropped) {
            buf_add(&reading->text, str_slice(reading->html, reading->tag_at, reading->html.n));
        }
        reading->resume = reading->html.n;
        return 0;
    }
    size_t most = (size_t)room < CHUNK ? (size_t)room : CHUNK;
    str chunk = str_slice(reading->html, reading->fed, reading->fed + most);
    if (chunk.n) {
        memcpy(buffer, chunk.p, chunk.n);
    }
    reading->fed += chunk.n;
    return (int)chunk.n;
}

static htmlParserCtxtPtr parser_new(struct reading *reading)
{
    htmlSAXHandler sax = {.startElement = on_start,
                          .endElement = on_end,
                          .characters = on_text,
                          .cdataBlock = on_text,
                          .ignorableWhitespace = on_text,
                          .comment = on_comment,
                          .processingInstruction = on_instruction};
    xmlInitParser();
    htmlParserCtxtPtr parser = htmlNewParserCtxt();
    xmlParserInputBufferPtr bytes = xmlParserInputBufferCreateIO(read_bytes, NULL, reading, XML_CHAR_ENCODING_NONE);
    xmlParserInputPtr input = parser && bytes ? xmlNewIOInputStream(parser, bytes, XML_CHAR_ENCODING_NONE) : NULL;
    if (!input || inputPush(parser, input) < 0) {
        bug_out_of_memory(sizeof(*parser));
    }
    *parser->sax = sax;
    parser->userData = reading;
    htmlCtxtUseOptions(parser, OPTIONS);
    xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
    parser->depth = END_TAGS_IGNORED;
    return parser;
}

/* Reads with one parser from reading->from on, until another has to go on. */
static void read_on(struct reading *reading)
{
    reading->parser = parser_new(reading);
    htmlParseDocument(reading->parser);
    if (!ignores(reading) && !reading->dropped && reading->fed < reading->html.n) {
        buf_add(&reading->text, str_slice(reading->html, position(reading), reading->html.n)); /* it gave up */
    }
    htmlFreeParserCtxt(reading->parser);
}

/* Text with < as a reference: the parser takes it for tags in more cases than we and browsers do. */
static str as_content(struct arena *arena, str text)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    str part;
    for (bool is_first = true; text.p && str_split(&text, '<', &part); is_first = false) {
        buf_add(&out, is_first ? S("") : S("&lt;"));
        buf_add(&out, part);
    }
    return buf_copy(&out, arena);
}

/* What libxml2 reads in another way than browsers, and editors write: </br> is a break, <![if …]> nothing. */
static str with_usual_tags(struct arena *arena, str html)
{
    char *out = arena_alloc(arena, html.n + 1);
    memcpy(out, html.p, html.n);
    for (size_t at = str_find_char(html, '<', 0); at != SIZE_MAX; at = str_find_char(html, '<', at + 1)) {
        if (str_eq_nocase(str_slice(html, at, at + 5), S("</br>"))) {
            memcpy(out + at, "<br/>", 5);
        } else if (str_starts(str_slice(html, at, at + 3), S("<!["))) {
            memcpy(out + at, "<?x", 3);
        }
    }
    return (str){out, html.n};
}

void markup_read(struct arena *arena, str html, piece_taker take, void *user)
{
    struct reading reading = {.take = take, .user = user, .resume = 0};
    reading.html = markup_is_plain(html) ? as_content(arena, html) : with_usual_tags(arena, html);
    while (reading.resume < reading.html.n && !reading.is_stopped) {
        reading.from = reading.fed = reading.settled = reading.resume;
        reading.resume = reading.tag_at = SIZE_MAX;
        reading.is_opened = false;
        read_on(&reading);
    }
    give_text(&reading);
    buf_done(&reading.text);
}
