# The short form of the mutation check (docs/testing.md): each gate is taken out in turn, and risk_test must fail every time.
# The long one, with syncs and bounds checks, is `make mutate`.
if(TD_PYTHON AND TARGET risk_test)
    set(mutate ${CMAKE_SOURCE_DIR}/tools/mutate.py)
    set(gates ${CMAKE_BINARY_DIR}/mutate_gates)
    add_custom_command(OUTPUT ${gates}/risk.c ${gates}/mutant.c
        COMMAND ${TD_PYTHON} ${mutate} --write gates ${gates} src/trade/risk.c
        DEPENDS ${mutate} ${CMAKE_SOURCE_DIR}/src/trade/risk.c ${CMAKE_SOURCE_DIR}/src/trade/risk.h)
    add_executable(mutate_gates ${gates}/risk.c ${gates}/mutant.c trade/risk_test.c)
    target_include_directories(mutate_gates PRIVATE ${gates})
    target_link_libraries(mutate_gates PRIVATE td_trade td_support td_sys td_sim)
    add_test(NAME mutate/gates COMMAND ${TD_PYTHON} ${mutate} --run $<TARGET_FILE:mutate_gates> ${gates})
    set_tests_properties(mutate/gates PROPERTIES TIMEOUT 120)
    add_test(NAME mutate/list COMMAND ${TD_PYTHON} ${mutate} --list) # what it names is still there
endif()
