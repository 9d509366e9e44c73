/* What several commands open. */
#ifndef MAIN_OPEN_H
#define MAIN_OPEN_H

#include "domain/identity/identity.h"
#include "domain/privacy/privacy.h"
#include "domain/records/records.h"
#include "main/options.h"

/**
 * Reads the settings portal-name, controller, consent-days and tls-cert. All processes must read the same: they stand
 * in what visitors are asked.
 */
enum err read_privacy_options(struct scope *scope, const struct command_line *line, str public_url,
                              struct privacy_options *ret_options) must_check;

/** Opens the catalogue of the settings data and store. Undone by catalog_close. Errors: as catalog_open_store, ERR_USAGE. */
enum err open_catalog(struct scope *scope, const struct command_line *line,
                      struct catalog **ret_catalog) must_check;

/** The engine for records of a catalogue, for one command. Undone by records_close. Errors: as records_open. */
enum err open_whole_records(struct scope *scope, struct catalog *catalog, struct records **ret_records)
    must_check;

/** Reads the settings data and store. Errors: ERR_USAGE. */
enum err read_store(struct scope *scope, const struct command_line *line, struct store *ret_store)
    must_check;

struct opened_privacy {
    struct catalog *catalog;
    struct privacy *privacy;
};

/** Opens catalogue and privacy of the data directory. Undone by close_privacy. */
enum err open_privacy(struct scope *scope, const struct command_line *line,
                      struct opened_privacy *ret_opened) must_check;

/** For cleanup_with; accepts one that was not opened. */
void close_privacy(struct opened_privacy *opened);

/** The seed of receipts, of the master secret, which is made when it is missing. */
enum err read_receipt_seed(struct scope *scope, struct catalog *catalog,
                           uint8_t ret_seed[SECRET_BYTES]) must_check;

/** Bytes of a file of at most most bytes; "-" is standard input. Errors: ERR_FILE, ERR_DATA (larger). */
enum err read_small_file(struct scope *scope, const char *path, size_t most, str *ret_text) must_check;

#endif
