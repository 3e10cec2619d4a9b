# The dashboard's page, compiled in: web/dist when npm builds it (cmake/td_web.cmake), else the plain page that says how to.
pkg_check_modules(zlib IMPORTED_TARGET zlib)
add_executable(embed tools/embed.c)
if(zlib_FOUND)
    target_link_libraries(embed PRIVATE PkgConfig::zlib)
    target_compile_definitions(embed PRIVATE TD_WITH_ZLIB)
endif()
if(TD_WEB_FILES) # built with the program (td_web)
    set(page ${TD_WEB_DIST})
    set(page_files ${TD_WEB_FILES})
    list(TRANSFORM page_files REPLACE "^${TD_WEB_DIST}/" "")
    list(FILTER page_files EXCLUDE REGEX "\\.gz$") # embed takes them beside their files
else()
    set(page ${CMAKE_SOURCE_DIR}/src/dash/page)
    message(STATUS "the dashboard's page is not built: it serves a plain one (docs/dashboard.md)")
    file(GLOB_RECURSE page_files CONFIGURE_DEPENDS RELATIVE ${page} ${page}/*)
endif()
list(TRANSFORM page_files PREPEND ${page}/ OUTPUT_VARIABLE page_paths)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/page_assets.c
    COMMAND embed ${CMAKE_BINARY_DIR}/page_assets.c ${page} ${page_files}
    DEPENDS embed ${page_paths} ${TD_WEB_FILES} COMMENT "the dashboard's page" VERBATIM)
target_sources(td_dash PRIVATE ${CMAKE_BINARY_DIR}/page_assets.c)
