/* XML in an archive, read piece by piece: sizes, time, document types and entities are watched. */
#include <libxml/parser.h>
#include <zip.h>

#include "base/limits.h"
#include "platform/i18n/explanation.h"
#include "platform/sheet_read/reading.h"

enum err archive_open(struct scope *scope, const char *path, const char *shown, struct zip **ret_archive)
{
    int code = 0;
    struct zip *archive = zip_open(path, ZIP_RDONLY, &code);
    if (!archive) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        str cause = str_copy(&scope->arena, str_from(zip_error_strerror(&error)));
        zip_error_fini(&error);
        return fail_in_words_because(scope, ERR_DATA, cause, MSG_FAULT_SHEET_DAMAGED,
                                     SAYS(ARG_TEXT("file", str_from(shown))));
    }
    if (zip_get_num_entries(archive, 0) > LIMIT_ARCHIVE_ENTRIES) {
        zip_discard(archive);
        return fail_in_words(
            scope, ERR_TOO_LARGE, MSG_FAULT_ARCHIVE_ENTRIES,
            SAYS(ARG_TEXT("file", str_from(shown)), argument_digits(&scope->arena, "most", LIMIT_ARCHIVE_ENTRIES)));
    }
    *ret_archive = archive;
    return ERR_OK;
}

bool archive_has(struct zip *archive, const char *name)
{
    return zip_name_locate(archive, name, ZIP_FL_NOCASE) >= 0;
}

/* ---- XML ---- */

struct reading {
    struct part part;
    const struct part_handler *handler;
    zip_file_t *file;
    xmlParserCtxtPtr parser;
    uint64_t bytes;
    enum err result;
};

static void settle(struct reading *reading, enum err result)
{
    reading->result = result;
    if (result != ERR_OK || reading->part.stop) {
        reading->part.stop = true;
        xmlStopParser(reading->parser);
    }
}

static enum err check_size(const struct part *part, uint64_t bytes)
{
    return bytes <= LIMIT_ARCHIVE_BYTES
               ? ERR_OK
               : fail_in_words(part->scope, ERR_TOO_LARGE, MSG_FAULT_SHEET_PART_LARGE,
                               SAYS(ARG_TEXT("file", str_from(part->shown)), ARG_TEXT("part", str_from(part->name)),
                                    argument_digits(&part->scope->arena, "most", LIMIT_ARCHIVE_BYTES >> 30)));
}

static int read_input(void *user, char *out, int room)
{
    struct reading *reading = user;
    struct part *part = &reading->part;
    if (part->stop) {
        return 0;
    }
    enum err result = scope_check(part->scope);
    zip_int64_t n = result == ERR_OK ? zip_fread(reading->file, out, (zip_uint64_t)room) : 0;
    if (n < 0) {
        result = fail_in_words_because(
            part->scope, ERR_DATA, str_copy(&part->scope->arena, str_from(zip_file_strerror(reading->file))),
            MSG_FAULT_SHEET_PART_DAMAGED,
            SAYS(ARG_TEXT("file", str_from(part->shown)), ARG_TEXT("part", str_from(part->name))));
    }
    reading->bytes += n > 0 ? (uint64_t)n : 0;
    if (result == ERR_OK) {
        result = check_size(part, reading->bytes);
    }
    if (result != ERR_OK) {
        reading->result = result;
        part->stop = true;
        return -1;
    }
    return (int)n;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *space,
                     int spaces, const xmlChar **declared, int count, int defaulted,
                     const xmlChar **attributes)
{
    struct reading *reading = user;
    struct element element = {str_from((const char *)name), space ? (const char *)space : "", attributes,
                              count};
    (void)prefix, (void)spaces, (void)declared, (void)defaulted;
    if (!reading->part.stop) {
        settle(reading, reading->handler->start(&reading->part, &element));
    }
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
    struct reading *reading = user;
    (void)prefix, (void)space;
    if (!reading->part.stop && reading->handler->end) {
        settle(reading, reading->handler->end(&reading->part, str_from((const char *)name)));
    }
}

static void on_text(void *user, const xmlChar *text, int n)
{
    struct reading *reading = user;
    if (!reading->part.stop && reading->handler->text) {
        settle(reading, reading->handler->text(&reading->part, (str){(const char *)text, (size_t)n}));
    }
}

static void on_document_type(void *user, const xmlChar *name, const xmlChar *id, const xmlChar *place)
{
    struct reading *reading = user;
    (void)name, (void)id, (void)place;
    if (!reading->part.stop) {
        settle(reading, fail_in_words(reading->part.scope, ERR_DATA, MSG_FAULT_SHEET_PART_TYPE,
                                      SAYS(ARG_TEXT("file", str_from(reading->part.shown)),
                                           ARG_TEXT("part", str_from(reading->part.name)))));
    }
}

static enum err parse(struct reading *reading)
{
    static const xmlSAXHandler template = {.initialized = XML_SAX2_MAGIC,
                                           .internalSubset = on_document_type,
                                           .startElementNs = on_start,
                                           .endElementNs = on_end,
                                           .characters = on_text,
                                           .cdataBlock = on_text,
                                           .ignorableWhitespace = on_text};
    xmlSAXHandler sax = template;
    struct part *part = &reading->part;
    reading->parser = xmlCreateIOParserCtxt(&sax, reading, read_input, NULL, reading, XML_CHAR_ENCODING_NONE);
    if (!reading->parser) {
        return part->stop ? reading->result
                          : fail_in_words(
                                part->scope, ERR_DATA, MSG_FAULT_SHEET_PART_EMPTY,
                                SAYS(ARG_TEXT("file", str_from(part->shown)), ARG_TEXT("part", str_from(part->name))));
    }
    xmlCtxtUseOptions(reading->parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlParseDocument(reading->parser);
    bool is_good = reading->parser->wellFormed || part->stop;
    const xmlError *error = xmlCtxtGetLastError(reading->parser);
    str reason = str_trim(str_copy(&part->scope->arena, str_from(error ? error->message : "")));
    int line = error ? error->line : 0;
    if (reading->parser->myDoc) {
        xmlFreeDoc(reading->parser->myDoc);
    }
    xmlFreeParserCtxt(reading->parser);
    if (reading->result != ERR_OK || is_good) {
        return reading->result;
    }
    return fail_in_words(part->scope, ERR_DATA, MSG_FAULT_SHEET_PART_XML,
                         SAYS(ARG_TEXT("file", str_from(part->shown)), ARG_TEXT("part", str_from(part->name)),
                              argument_digits(&part->scope->arena, "line", (int64_t)line), ARG_TEXT("reason", reason)));
}

enum err part_read(struct scope *scope, struct zip *archive, const char *shown, const char *name,
                   const struct part_handler *handler, void *user)
{
    struct reading reading = {.part = {.scope = scope, .shown = shown, .name = name, .user = user},
                              .handler = handler};
    zip_stat_t facts;
    zip_int64_t at = zip_name_locate(archive, name, ZIP_FL_NOCASE);
    if (at < 0 || zip_stat_index(archive, (zip_uint64_t)at, 0, &facts) != 0) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_SHEET_PART_MISSING,
                             SAYS(ARG_TEXT("file", str_from(shown)), ARG_TEXT("part", str_from(name))));
    }
    if ((facts.valid & ZIP_STAT_ENCRYPTION_METHOD) && facts.encryption_method != ZIP_EM_NONE) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_SHEET_PASSWORD, SAYS(ARG_TEXT("file", str_from(shown))));
    }
    TRY(check_size(&reading.part, facts.valid & ZIP_STAT_SIZE ? facts.size : 0));
    reading.file = zip_fopen_index(archive, (zip_uint64_t)at, 0);
    if (!reading.file) {
        str cause = str_copy(&scope->arena, str_from(zip_strerror(archive)));
        return fail_in_words_because(scope, ERR_DATA, cause, MSG_FAULT_SHEET_PART_DAMAGED,
                                     SAYS(ARG_TEXT("file", str_from(shown)), ARG_TEXT("part", str_from(name))));
    }
    enum err result = parse(&reading);
    zip_fclose(reading.file);
    return result;
}

/* libxml2 leaves an ampersand of an attribute as &#38; when it does not replace entities. */
static str with_ampersands(str text, struct buf *out)
{
    size_t from = 0;
    if (!out || str_find_char(text, '&', 0) == SIZE_MAX) {
        return text;
    }
    buf_clear(out);
    for (;;) {
        size_t at = str_find(text, S("&#38;"), from);
        buf_add(out, str_slice(text, from, at));
        if (at == SIZE_MAX) {
            return buf_str(out);
        }
        buf_add_char(out, '&');
        from = at + 5;
    }
}

str element_attribute(const struct element *element, const char *name, const char *space, struct buf *out)
{
    for (int i = 0; i < element->count; i++) {
        const unsigned char *const *facts = element->attributes + (size_t)i * 5;
        if (strcmp((const char *)facts[0], name) == 0 &&
            (!space || (facts[2] && strstr((const char *)facts[2], space)))) {
            return with_ampersands((str){(const char *)facts[3], (size_t)(facts[4] - facts[3])}, out);
        }
    }
    return STR_NONE;
}
