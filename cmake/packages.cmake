# Outside libraries. Each is used by exactly one directory of src/ (docs/architecture.md).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_program(PARVIS_NODE node REQUIRED) # makes the message tables, embeds templates and browser assets
foreach(package IN ITEMS libmicrohttpd gnutls sqlite3 jansson zlib libzstd libxxhash libsodium
        liboath libpq libqrencode libcurl gdal xlsxwriter libarchive libprotobuf-c pangocairo)
    pkg_check_modules(${package} REQUIRED IMPORTED_TARGET ${package})
endforeach()
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(cmark REQUIRED IMPORTED_TARGET libcmark-gfm)
pkg_check_modules(libxml REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-i18n icu-uc)
find_program(PARVIS_PROTOC_C protoc-c REQUIRED) # compiles the messages of vector tiles
find_library(PARVIS_GDAL_LIBRARY NAMES gdal REQUIRED)
find_library(PARVIS_GEOS_LIBRARY NAMES geos_c REQUIRED)
find_library(PARVIS_STEMMER_LIBRARY NAMES stemmer REQUIRED)
if(PARVIS_TESTS)
    pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
endif()

# DuckDB: the shared library and the C header come from two npm packages (docs/decisions/).
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(duckdb_architecture arm64)
else()
    set(duckdb_architecture x64)
endif()
find_library(PARVIS_DUCKDB_LIBRARY NAMES duckdb NO_DEFAULT_PATH
    PATHS "${CMAKE_SOURCE_DIR}/node_modules/@duckdb/node-bindings-linux-${duckdb_architecture}")
find_path(PARVIS_DUCKDB_HEADER_DIRECTORY duckdb.h NO_DEFAULT_PATH
    PATHS "${CMAKE_SOURCE_DIR}/node_modules/duckdb/src/duckdb/src/include")
if(NOT PARVIS_DUCKDB_LIBRARY OR NOT PARVIS_DUCKDB_HEADER_DIRECTORY)
    message(FATAL_ERROR "DuckDB was not found in node_modules. Run ./run or ./test once, "
        "or 'npm ci --ignore-scripts', then configure again.")
endif()
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
    IMPORTED_LOCATION "${PARVIS_DUCKDB_LIBRARY}"
    IMPORTED_NO_SONAME FALSE
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${PARVIS_DUCKDB_HEADER_DIRECTORY}"
    INTERFACE_INCLUDE_DIRECTORIES "${PARVIS_DUCKDB_HEADER_DIRECTORY}")
