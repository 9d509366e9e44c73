#include "base/json_scan.h"

enum json_expected {
    EXPECT_DOCUMENT, /* a value, or the end */
    EXPECT_VALUE,
    EXPECT_ITEM, /* or ] */
    EXPECT_KEY,  /* or } */
    EXPECT_COLON,
    EXPECT_NEXT /* a comma or the closing bracket */
};

static bool is_in_object(const struct json_scan *scan)
{
    size_t at = scan->depth - 1;
    return scan->depth && (scan->objects[at / 8] >> (at % 8) & 1);
}

static bool takes_value(const struct json_scan *scan)
{
    return scan->expected == EXPECT_DOCUMENT || scan->expected == EXPECT_VALUE ||
           scan->expected == EXPECT_ITEM;
}

static void expect_after_value(struct json_scan *scan)
{
    scan->expected = scan->depth ? EXPECT_NEXT : EXPECT_DOCUMENT;
}

static enum json_token open_bracket(struct json_scan *scan, bool is_object)
{
    if (!takes_value(scan) || scan->depth == JSON_SCAN_DEPTH) {
        return JSON_FAULT;
    }
    uint8_t bit = (uint8_t)(1u << (scan->depth % 8));
    uint8_t *byte = &scan->objects[scan->depth / 8];
    *byte = (uint8_t)(is_object ? *byte | bit : *byte & ~bit);
    scan->depth++;
    scan->expected = is_object ? EXPECT_KEY : EXPECT_ITEM;
    return JSON_OPEN;
}

static enum json_token close_bracket(struct json_scan *scan, bool is_object)
{
    bool is_item = scan->expected == (is_object ? EXPECT_KEY : EXPECT_ITEM);
    if (scan->depth == 0 || is_in_object(scan) != is_object ||
        (!is_item && scan->expected != EXPECT_NEXT)) {
        return JSON_FAULT;
    }
    scan->depth--;
    expect_after_value(scan);
    return JSON_CLOSE;
}

static enum json_token begin_text(struct json_scan *scan)
{
    if (scan->expected == EXPECT_KEY) {
        scan->expected = EXPECT_COLON;
    } else if (takes_value(scan)) {
        expect_after_value(scan);
    } else {
        return JSON_FAULT;
    }
    scan->in_text = true;
    return JSON_INSIDE;
}

static enum json_token pass_text(struct json_scan *scan, char c)
{
    if (scan->is_escaped) {
        scan->is_escaped = false;
    } else if (c == '\\') {
        scan->is_escaped = true;
    } else {
        scan->in_text = c != '"';
    }
    return JSON_INSIDE;
}

static bool is_of_word(char c)
{
    return is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == '+' || c == '.';
}

static enum json_token begin_word(struct json_scan *scan, char c)
{
    if (!is_of_word(c) || !takes_value(scan)) {
        return JSON_FAULT;
    }
    expect_after_value(scan);
    scan->in_word = true;
    return JSON_INSIDE;
}

static enum json_token pass_mark(struct json_scan *scan, int expected, int then,
                                 enum json_token token)
{
    if (scan->expected != expected) {
        return JSON_FAULT;
    }
    scan->expected = then;
    return token;
}

enum json_token json_scan_byte(struct json_scan *scan, char c)
{
    scan->bytes++;
    if (c == '\n') {
        scan->lines++;
        scan->line_start = scan->bytes;
    }
    if (scan->in_text) {
        return pass_text(scan, c);
    }
    if (scan->in_word && is_of_word(c)) {
        return JSON_INSIDE;
    }
    scan->in_word = false;
    switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return JSON_INSIDE;
    case '"':
        return begin_text(scan);
    case '{':
    case '[':
        return open_bracket(scan, c == '{');
    case '}':
    case ']':
        return close_bracket(scan, c == '}');
    case ',':
        return pass_mark(scan, EXPECT_NEXT, is_in_object(scan) ? EXPECT_KEY : EXPECT_ITEM,
                         JSON_COMMA);
    case ':':
        return pass_mark(scan, EXPECT_COLON, EXPECT_VALUE, JSON_COLON);
    default:
        return begin_word(scan, c);
    }
}

bool json_scan_is_whole(const struct json_scan *scan)
{
    return scan->expected == EXPECT_DOCUMENT && !scan->in_text;
}

const char *json_scan_expected(const struct json_scan *scan)
{
    static const char *const texts[] = {[EXPECT_DOCUMENT] = "a value",
                                        [EXPECT_VALUE] = "a value",
                                        [EXPECT_ITEM] = "a value or ]",
                                        [EXPECT_KEY] = "a key in quotes or }",
                                        [EXPECT_COLON] = ": behind the key"};
    if (scan->in_text) {
        return "the end of the text in quotes";
    }
    if (scan->depth == JSON_SCAN_DEPTH && takes_value(scan)) {
        return "a value without brackets, of which 1024 are open,";
    }
    return scan->expected == EXPECT_NEXT ? is_in_object(scan) ? ", or }" : ", or ]"
                                         : texts[scan->expected];
}
