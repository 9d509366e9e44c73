/* XML in an archive, read piece by piece: sizes, time, document types and entities are watched. */
#include <libxml/parser.h>
#include <zip.h>

#include "base/limits.h"
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
        return fail_with_cause(scope, ERR_DATA, cause,
                               "%s: the workbook is damaged or cut off; save it again", shown);
    }
    if (zip_get_num_entries(archive, 0) > LIMIT_ARCHIVE_ENTRIES) {
        zip_discard(archive);
        return fail(scope, ERR_TOO_LARGE, "%s: the archive has more than %d entries", shown,
                    LIMIT_ARCHIVE_ENTRIES);
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
               : fail(part->scope, ERR_TOO_LARGE, "%s: %s holds more than %llu GB unpacked; split it",
                      part->shown, part->name, (unsigned long long)(LIMIT_ARCHIVE_BYTES >> 30));
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
        result = fail_with_cause(part->scope, ERR_DATA,
                                 str_copy(&part->scope->arena, str_from(zip_file_strerror(reading->file))),
                                 "%s: %s in the workbook is damaged; save the workbook again", part->shown,
                                 part->name);
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
        settle(reading, fail(reading->part.scope, ERR_DATA,
                             "%s: %s in the workbook declares a document type, which no workbook has",
                             reading->part.shown, reading->part.name));
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
                          : fail(part->scope, ERR_DATA, "%s: %s in the workbook is empty", part->shown,
                                 part->name);
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
    return fail(part->scope, ERR_DATA,
                "%s: %s in the workbook is not well-formed XML (line %d: %.*s); save the workbook again",
                part->shown, part->name, line, STR_ARG(reason));
}

enum err part_read(struct scope *scope, struct zip *archive, const char *shown, const char *name,
                   const struct part_handler *handler, void *user)
{
    struct reading reading = {.part = {.scope = scope, .shown = shown, .name = name, .user = user},
                              .handler = handler};
    zip_stat_t facts;
    zip_int64_t at = zip_name_locate(archive, name, ZIP_FL_NOCASE);
    if (at < 0 || zip_stat_index(archive, (zip_uint64_t)at, 0, &facts) != 0) {
        return fail(scope, ERR_DATA, "%s: the workbook has no %s, which it needs; save it again", shown, name);
    }
    if ((facts.valid & ZIP_STAT_ENCRYPTION_METHOD) && facts.encryption_method != ZIP_EM_NONE) {
        return fail(scope, ERR_DATA, "%s: the workbook is protected by a password; save it without one", shown);
    }
    TRY(check_size(&reading.part, facts.valid & ZIP_STAT_SIZE ? facts.size : 0));
    reading.file = zip_fopen_index(archive, (zip_uint64_t)at, 0);
    if (!reading.file) {
        str cause = str_copy(&scope->arena, str_from(zip_strerror(archive)));
        return fail_with_cause(scope, ERR_DATA, cause,
                               "%s: %s in the workbook is damaged; save the workbook again", shown, name);
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
