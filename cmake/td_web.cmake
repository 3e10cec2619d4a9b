# The dashboard's page: web/dist by npm, when TD_WEB lets it. Target `web`; TD_WEB_FILES are the files it makes, for those who
# compile them in. AUTO builds it where npm and web/node_modules are there (tools/deps.sh installs them), so a build asks no
# network; ON installs them itself (npm ci); OFF leaves web/dist as it is.
set(TD_WEB AUTO CACHE STRING "the dashboard's page by npm: AUTO, ON or OFF")
set(TD_WEB_DIST ${CMAKE_SOURCE_DIR}/web/dist)
set(TD_WEB_FILES)
find_program(TD_NPM npm)
if(TD_WEB STREQUAL ON AND NOT TD_NPM)
    message(FATAL_ERROR "TD_WEB=ON but npm was not found")
endif()
if(TD_NPM AND (TD_WEB STREQUAL ON OR (TD_WEB STREQUAL AUTO AND EXISTS ${CMAKE_SOURCE_DIR}/web/node_modules/vite)))
    foreach(name index.html app.js app.css chart.js plot.js favicon.svg)
        list(APPEND TD_WEB_FILES ${TD_WEB_DIST}/${name} ${TD_WEB_DIST}/${name}.gz)
    endforeach()
    file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/* ${CMAKE_SOURCE_DIR}/web/public/*)
    foreach(name index.html package.json package-lock.json svelte.config.js tsconfig.json vite.config.ts tools/pack.mjs)
        list(APPEND web_sources ${CMAKE_SOURCE_DIR}/web/${name})
    endforeach()
    add_custom_command(OUTPUT ${TD_WEB_FILES} COMMAND sh ${CMAKE_SOURCE_DIR}/tools/web.sh $<$<STREQUAL:${TD_WEB},ON>:install>
        DEPENDS ${web_sources} ${CMAKE_SOURCE_DIR}/tools/web.sh WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
        COMMENT "the dashboard's page (npm)" VERBATIM)
    add_custom_target(web DEPENDS ${TD_WEB_FILES})
else()
    add_custom_target(web COMMAND ${CMAKE_COMMAND} -E echo "web: left out (TD_WEB=${TD_WEB}; needs npm and web/node_modules: make deps)")
endif()
