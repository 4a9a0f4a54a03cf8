# SPDX-License-Identifier: Apache-2.0
# cmake --install build/release [--prefix /usr]: the program, its rules, manual, completions, unit and example configuration.
include(GNUInstallDirs)
set(packaging ${CMAKE_SOURCE_DIR}/packaging)
install(TARGETS tapscope RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${CMAKE_SOURCE_DIR}/docs/tapscope.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_SOURCE_DIR}/tapscope.example.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${packaging}/tapscope.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tapscope)
install(FILES ${packaging}/_tapscope DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${packaging}/tapscope.service DESTINATION lib/systemd/system)
install(FILES ${packaging}/tapscope.default DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/rules/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tapscope/rules)
