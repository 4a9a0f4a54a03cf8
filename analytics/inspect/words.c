/* SPDX-License-Identifier: Apache-2.0 */
/* The prefilter's words. Names of functions, files, classes and schemes are facts of the systems they belong to. */
#include "analytics/inspect/words.h"

const struct word words_request[] = {
    /* SQL: anything that makes its grammar worth a try */
    {"\\b(select|union|insert|update|delete|drop|alter|create|truncate|replace|merge|exec|execute|declare|"
     "shutdown)\\b",
     WORD_SQL, 2, 0},
    {"\\b(and|or|xor|not|like|rlike|regexp|between|having|where|order|group|limit|in|is|case|div|mod|from|"
     "procedure|waitfor|begin|into|as|if)\\b",
     WORD_SQL, 1, 0},
    {"(--|/\\*|#|;)", WORD_SQL, 1, 0},
    {"[0-9)'\"`]\\s*(\\|\\||&&|=|<|>|!=)", WORD_SQL, 1, 0},
    {"\\b(sleep|benchmark|pg_sleep|extractvalue|updatexml|load_file|randomblob|generate_series|make_set|elt|"
     "ascii|substr|substring|mid|ord|char|chr|concat|concat_ws|group_concat|hex|unhex|convert|cast|database|"
     "schema|user|current_user|session_user|system_user|version|count|row|exp|floor|rand|md5|sha1|ifnull|"
     "nullif|iif|coalesce|xmltype|name_const|json_keys|gtid_subset|polygon|st_latfromgeohash|to_number|lpad|"
     "upper|len|length|db_name|user_name|object_id|openrowset|opendatasource|opensql|exists)[\\s/(]",
     WORD_SQL, 1, 0},
    {"\\b(dbms_|utl_|ctxsys\\.|sysibm\\.|rdb\\$|pg_catalog|information_schema|mysql\\.user|sysobjects|"
     "syscolumns|sysdatabases|sysusers|all_tables|user_tables|all_users|sqlite_master|msysobjects|xp_[a-z]|"
     "sp_[a-z]|pg_[a-z]{2}|msys[a-z]|schema_name|tempdb|msdb|mysql\\.db|northwind|iif\\(|json_search|lo_get|"
     "lo_"
     "export)",
     WORD_SQLFN, 4, 0},
    {"\\b(abs|ceil|date|day|default|format|greatest|isnull|last|least|local|log|month|now|password|position|"
     "power|quarter|quote|repeat|replace|reverse|round|second|sign|space|time|to_|trim|truncate|values|week|"
     "year|left|right|lower|in|if|lo_get|div|execute immediate|json_[a-z]+)\\s*[!.]?\\s*\\(?",
     WORD_SQL, 1, 0},
    {"::\\s*(int|text|bigint|double|numeric|varchar|date|json)", WORD_SQLFN, 3, 0},
    {"\\b(waitfor\\s+delay|into\\s+(out|dump)file|procedure\\s+analyse|load\\s+data)", WORD_SQLFN, 5, 0},
    {"/\\*!", WORD_SQLFN, 4, 0},
    {"(@@[a-z]|^[0-9]{1,3}\\.e[.(]|2\\.22507385850720(11|07)e-308|^4294967296$|^2147483648$)", WORD_SQLFN, 4,
     0},
    {"(\\($|^\\s*(\\|\\||&&|>?set\\s@)|unionallselect|unionselect|^['\"]\\s*[;=*]|\\bglob\\b|\\bprint\\s+@)",
     WORD_SQL, 1, 0},
    /* markup and script */
    {"<\\s*[/!?a-z%]", WORD_XSS, 1, 0},
    {"\\bon[a-z]+[\\s\\x00/+]*=", WORD_XSS, 1, 0},
    {"(java|vb|live)script\\s*:", WORD_XSS, 1, 0},
    {"data:[a-z/+-]*[;,]", WORD_XSS, 1, 0},
    {"\\b(alert|prompt|confirm|eval|settimeout|setinterval|execscript|fetch|import|atob|unescape|expression)"
     "\\b",
     WORD_XSS, 1, 0},
    {"\\b(document|window|self|top|parent|location|this|globalthis)\\s*[.\\[]", WORD_XSS, 1, 0},
    {"(fromcharcode|innerhtml|outerhtml|\\.cookie|localstorage|xmlhttprequest|-moz-binding|behaviou?r\\s*:|@"
     "import|srcdoc|formaction|xlink:href|\\bstyle\\s*=|!--)",
     WORD_XSS, 1, 0},
    {"\\+adw-", WORD_XSS, 1, 0},
    {"(\\[\\]|\\(!|\\{\\})\\s*[\\[+(]", WORD_XSS, 1, 0},
    {"\\b(constructor|prototype)\\b", WORD_XSS, 1, 0},
    {"(!entity|[\"'`]?-(alert|prompt|confirm)|\\xbc/"
     "|!\\[\\]|--[>!]|reflect\\.|\\.\\s*call\\s*`|[\\t\\n][a-z])",
     WORD_XSS, 1, 0},
    /* shell */
    {"(^|[^a-z0-9_./"
     "-])(cat|ls|id|pwd|whoami|uname|wget|curl|nc|ncat|netcat|ping|nslookup|dig|bash|sh|zsh|ksh|dash|csh|"
     "perl|python[23]?|ruby|php|node|lua|gcc|chmod|chown|rm|cp|mv|echo|printf|touch|tee|tail|head|more|less|"
     "grep|awk|sed|find|xargs|ps|netstat|ss|ifconfig|ip|route|arp|env|set|who|w|last|uptime|df|mount|crontab|"
     "kill|tar|zip|ssh|scp|ftp|tftp|telnet|socat|base64|xxd|sleep|time|nohup|strace|timeout|sudo|su|exec|"
     "eval|source|export|system|passthru|popen|dir|type|net|net1|ipconfig|systeminfo|tasklist|taskkill|"
     "powershell|pwsh|cmd|cscript|wscript|certutil|bitsadmin|mshta|rundll32|regsvr32|wmic|reg|sc|ver|"
     "hostname|nltest|schtasks|del|copy|shutdown|reboot)([^a-z0-9_]|$)",
     WORD_CMD, 1, 0},
    {"(ansible|chef-[a-z]|\\bcscli |\\bpip[3x]? install|visudo|ssh-copy-id|\\bperf "
     "--|\\baa-(disable|enforce)|wrapper sh|[\"'][a-z]{1,3}[\"'][a-z])",
     WORD_CMD, 1, 0},
    {"(/bin/|/usr/|/etc/|/dev/(tcp|udp)|/tmp/|/var/|/proc/|/root/"
     "|\\.sh\\b|\\.exe\\b|\\.bat\\b|\\.ps1\\b|c:[\\\\/])",
     WORD_CMD, 2, 0},
    {"(\\$\\(|\\$\\{|`|\\$ifs|<\\(|>\\(|<<<|\\$@|\\$\\*|\\(\\)\\s*\\{|\\$'|\\$\")", WORD_CMD, 2, 0},
    {"[;|&\\n`]\\s*[\"'\\\\$@]*[a-z./$]", WORD_CMD, 1, 0},
    {"\\b(invoke-|new-object|start-process|get-(content|process|childitem|wmiobject)|set-executionpolicy|"
     "downloadstring|downloadfile|encodedcommand|frombase64string|-enc\\b|-nop\\b|iex\\b)",
     WORD_CMD, 3, 0},
    {"(\\{(,|[a-z/?]+,)|^\\s*!-?[0-9]|^\\s*>/|/\\?[a-z?]*/|^which |^\\s*[;|&]+\\s*[a-z])", WORD_CMD, 1, 0},
    /* files */
    {"\\.\\.+[\\s\\x00;]*[/\\\\\\x00%|;,]", WORD_DOTS, 1, 0},
    {"[/\\\\;]\\.\\.?[;/\\\\]", WORD_DOTS, 1, 0},
    {"[/\\\\]\\.\\.+", WORD_DOTS, 1, 0},
    {"(0x2e|%2e|%c0|%u002e|\\xc0|%252e|%%3)", WORD_DOTS, 1, 0},
    {"(0x5c|0x2f|\\.\\.(2f|5c)|\\.(%00|\\x00)\\.)", WORD_DOTS, 1, 0},
    {"/(etc|proc|sys|boot|root|dev|usr|var|opt|home|srv|private|library|winnt|windows|inetpub|system32|wp-"
     "content|wp-includes|users|program files)[/\\\\]",
     WORD_PATH, 1, 0},
    {"(etcpasswd|etc.*(passwd|shadow|hosts|group|issue)|master\\.passwd|/etc/|subuid|subgid|/proc/self|proc/"
     "version|boot\\.ini|win\\.ini|system\\.ini|php\\.ini|my\\.cnf|my\\.ini|httpd\\.conf|apache2?\\.conf|"
     "nginx\\.conf|web\\.config|web\\.xml|web-inf|meta-inf|global\\.asa|\\.htaccess|\\.htpasswd|id_rsa|id_"
     "dsa|authorized_keys|known_hosts|\\.bash_history|\\.bashrc|\\.ssh[/\\\\]|\\.git[/\\\\]|\\.svn[/"
     "\\\\]|\\.env\\b|\\.aws[/\\\\]|\\.kube[/\\\\]|\\.docker[/"
     "\\\\]|access[_.]log|error[_.]log|wp-config|config\\.inc|sam\\b|ntds\\.dit|unattend|sysprep|backup\\."
     "sql|pagefile\\.sys|autoexec\\.bat|desktop\\.ini|applicationhost\\.config|\\.history\\b|@fs/)",
     WORD_PATH, 5, 0},
    {"[a-z]:[\\\\/]", WORD_PATH, 2, 0},
    {"\\{file\\}", WORD_PATH, 10, 0},
    /* inclusion by wrapper or address; server-side requests */
    {"\\b(php|phar|expect|zip|zlib|rar|ogg|glob|compress\\.(bzip2|zlib)|ssh2\\.[a-z]+|zend|input|filter)://",
     WORD_RFI, 10, 0},
    {"\\b(php://|convert\\.(base64|iconv|quoted)|resource=|string\\.(rot13|toupper))", WORD_RFI, 5, 0},
    {"\\bdata:(text/plain|text/html|application/[a-z-]+)?(;base64)?,", WORD_RFI, 3, 0},
    {"\\b(https?|ftps?|unix):(//?|[0-9a\\[])", WORD_RFI, 1, 0},
    {"\\b(https?|ftps?|file)\\?", WORD_RFI, 1, 0},
    {"\\b(file|gopher|dict|ldaps?|tftp|sftp|jar|netdoc|imaps?|pop3s?|smtps?|ssh|rsync|rtsp|rtmp|irc|xri|acap|"
     "svn|telnet|local_file|rmi|iiop|jdbc|unix|smb|mailto|nntp|news|wss?|git):",
     WORD_SSRF, 2, 0},
    {"(169\\.254\\.169\\.254|169\\.254\\.170\\.2|100\\.100\\.100\\.200|192\\.0\\.0\\.192|metadata\\.(google|"
     "tencentyun|packet|azure)|/latest/(meta-data|user-data|dynamic)|computemetadata|fd00:ec2)",
     WORD_SSRF, 5, 0},
    {"(localhost|127\\.[0-9]|0x7f|0177|\\[::|\\b0\\.0\\.0\\.0|localtest\\.me|lvh\\.me|nip\\.io|xip\\.io|"
     "sslip\\.io|docker\\.internal|containers\\.internal|svc\\.cluster\\.local|ip6-loopback|ipv6-localhost|"
     "localdomain)",
     WORD_SSRF, 2, 0},
    {"(burpcollaborator|oastify|interact\\.sh|\\boast\\.(pro|live|site|online|fun|me)|dnslog\\.cn|ceye\\.io|"
     "requestbin|webhook\\.site|canarytokens|\\.r87\\.me|bxss\\.me|pipedream\\.net|ngrok)",
     WORD_SSRF, 10, 0},
    /* XML */
    {"<!\\s*(doctype|entity|element|attlist|notation)", WORD_XXE, 5, 0},
    {"(xi:include|xinclude|xsl:|xsd:include|xmlns:xi)", WORD_XXE, 4, 0},
    {"<!--\\s*#\\s*(exec|include|echo|config|printenv|fsize|flastmod|set|if)", WORD_SSI, 10, 0},
    /* templates and expression languages */
    {"(\\{\\{|\\$\\{|#\\{|<%|\\{%|\\*\\{|@\\{|~\\{|\\[\\[|#set|#evaluate|\\{php|\\{\\$|<#|\\[#|@\\(|%\\{|\\$"
     "\\(\\()",
     WORD_TEMPLATE, 1, 0},
    {"(__class__|__mro__|__subclasses__|__globals__|__builtins__|__import__|__init__|__getattribute__|__"
     "bases__|\\bcycler\\b|\\blipsum\\b|\\bjoiner\\b|get_flashed_messages|url_for|self\\.env|smarty|\\|"
     "attr\\(|freemarker|velocity|\\?new\\(|\\$class\\.|getclass\\(|forname\\(|t\\(java|t\\(|_self\\.env|"
     "registerundefinedfiltercallback|\\bconfig\\.items|request\\[|request\\.application|system\\."
     "diagnostics|file_get_contents|popen\\(|\\.mainmodule|range\\.constructor)",
     WORD_TEMPLATE, 5, 0},
    {"(@java\\.|#_memberaccess|#context|#request|#session|#application|@ognl\\.|ognlcontext|#cmd|#rt\\b|"
     "allowstaticmethodaccess|denymethodexecution|xwork|opensymphony|redirect:|redirectaction:|action:|"
     "method:|#attr|#parameters)",
     WORD_STRUTS, 2, 0},
    {"(class\\.module\\.classloader|class\\.classloader|classloader\\.|class\\[.?module|spring\\.cloud\\."
     "function|routing-expression|springframework|\\.springframework)",
     WORD_SPRING, 5, 0},
    {"(jndi|\\$\\{(lower|upper|env|sys|java|date|base64|main|ctx|:|\\$\\{)|\\$\\{[^}]*(\\$\\{|:-))",
     WORD_JNDI, 2, 0},
    /* Java */
    {"(java\\.(lang|io|util|net|beans|rmi|security|awt|nio|sql|applet|runtime|processbuilder)\\b|javax\\.|"
     "sun\\.(misc|reflect|rmi)|com\\.sun\\.|org\\.(apache|codehaus|hibernate|jboss|mozilla|aspectj|omg|w3c|"
     "springframework|python|clojure)\\.|com\\.(mchange|alibaba|opensymphony|caucho|ibatis|zaxxer|rometools|"
     "newrelic|nqadmin|vaadin|mysql)\\.|groovy\\.|bsh\\.|clojure\\.|ch\\.qos\\.logback|oracle\\.jdbc|"
     "weblogic\\.)",
     WORD_JAVA, 4, 0},
    {"(getruntime|processbuilder|runtime\\.exec|java\\.lang\\.(runtime|process|class|system|thread)|"
     "scriptengine|classloader|unmarshaller|xmldecoder|methodinvoker|invokertransformer|templatesimpl|"
     "annotationinvocationhandler|badattributevalue|jdbcrowset|chainedtransformer|constanttransformer|"
     "instantiatetransformer|beanshell|instancefactory|runtimebeanref|wrapperconnectionpool|"
     "bytearrayoutputstream|fileoutputstream|objectinputstream|priorityqueue|toString\\(\\)\\.getbytes|"
     "clonetransformer|forclosure|instantiatefactory|prototypeclonefactory|prototypeserializationfactory|"
     "whileclosure|getproperty|filewriter|xmlencoder|streambuffer)",
     WORD_JAVA, 5, 0},
    {"(ro0ab|kztaa|cs7qa|acedbqa|aced0005|\\xac\\xed\\x00\\x05|h4sia|w0jha|gaw5n|aaeaaad|\\x80\\x04\\x95|"
     "gasv|gajj|y29z|kgrw|n2mba|\\x00\\x01\\x00\\x00\\x00\\xff\\xff\\xff\\xff)",
     WORD_DESER, 3, 0},
    {"(rO0AB[QX]|KztAAU|Cs7QAF)", WORD_DESER, 10, 1},
    {"([oca]:\\+?[0-9]{1,5}:(\"|&quot;|\\{)|s:[0-9]{1,6}:\")", WORD_DESER, 4, 0},
    {"\\b[oc]:\\+?[0-9]{1,5}:\"[a-z_\\\\][a-z0-9_\\\\]*\":[0-9]+:\\{", WORD_DESER, 10, 0},
    {"(!!python/|!ruby/"
     "|!!javax?\\.|!!org\\.|!!com\\.|!!sun\\.|c__builtin__|cposix|csubprocess|cos\\nsystem|__reduce__|tzr\\w|"
     "objectdataprovider|typeconfusedelegate|system\\.windows\\.data|psobject|losformatter|binaryformatter|"
     "system\\.(web|security|configuration|runtime|workflow)\\.[a-z.]+,\\s*(system|mscorlib)|_\\$\\$nd_func|"
     "\\$\\$nd_func|\\$type)",
     WORD_DESER, 6, 0},
    {"(@type|\\\\x40type|\\\\u0040type|@class|autocommit|datasourcename|enabledefaultautotype|jsonpoverif)",
     WORD_FASTJSON, 4, 0},
    /* PHP */
    {"(<\\?(php|=|\\s)|<\\?xml-php|\\[php\\]|\\?>)", WORD_PHP, 4, 0},
    {"\\$_?(_(get|post|request|server|cookie|files|session|env)|globals|http_raw_post_data|php_self|argv)\\b",
     WORD_PHP, 6, 0},
    {"\\$_\\s*%?5?3?\\s*server|\\$_(s ?e ?r ?v ?e ?r|g ?e ?t|p ?o ?s ?t)\\b", WORD_PHP, 6, 0},
    {"\\b(system|exec|passthru|shell_exec|popen|proc_open|pcntl_exec|eval|assert|create_function|call_user_"
     "func(_array)?|preg_replace|include(_once)?|require(_once)?|file_get_contents|file_put_contents|fopen|"
     "fwrite|fputs|readfile|show_source|highlight_file|phpinfo|phpversion|base64_decode|gzinflate|"
     "gzuncompress|str_rot13|unserialize|serialize|ini_set|ini_get|chroot|chmod|symlink|touch|unlink|move_"
     "uploaded_file|array_map|array_filter|usort|register_shutdown_function|getenv|putenv|posix_[a-z]+|curl_"
     "exec|parse_str|extract|func_get_args|define|error_reporting|set_time_limit|checkdate|gethostbyname|"
     "ucfirst|crypt|range|pi|print_r|var_dump|dirname|opendir|scandir|fsockopen|mail|header|die|chr|ord|get_"
     "defined_vars|get_current_user|hex2bin|bin2hex|bzopen|ftp_get|image(png|jpeg)|apache_setenv|sleep|"
     "usleep|stream_socket_client|strrev|implode|constant)[\\s/#(]",
     WORD_PHP, 2, 0},
    {"(auto_prepend_file|allow_url_include|disable_functions|open_basedir|safe_mode|zend\\.|\\bphp_sapi)",
     WORD_PHP, 5, 0},
    {"[\\])}\"'][\\s/]*[(*]", WORD_PHP, 1, 0},
    /* JavaScript on servers */
    {"(child_process|process\\.(env|binding|mainmodule|exit|cwd|argv)|process\\s*\\[|console\\.(log|info|"
     "debug|error|warn|table|trace)|console\\s*\\[|module\\.exports|require\\s*[(\\[]|require\\.main|"
     "constructor\\.constructor|new\\s+function\\s*\\(|function\\s*\\(\\s*\\)\\s*\\{|string\\.fromcharcode|__"
     "js_function|global\\.process|globalthis|spawnsync|execsync|readfilesync|writefilesync|readdirsync|"
     "this\\.constructor|\\bnd_func\\$\\$|import\\s*\\(\\s*['\"])",
     WORD_NODE, 5, 0},
    {"(:constructor:constructor|:__proto__:|\\bresolved_model\\b|_response\"|_chunks)", WORD_NODE, 5, 0},
    {"(__proto__|constructor[\\[.\\]\"']{1,3}\\s*prototype|prototype\\[|\\bproto\\[)", WORD_PROTO, 10, 0},
    {"@\\{\\s*\\[", WORD_NODE, 10, 0},
    /* other query languages */
    {"(\\$(ne|eq|gte?|lte?|n?in|or|and|nor|not|regex|where|exists|type|mod|all|size|elemmatch|expr|func|"
     "lookup|jsonschema|comment|accumulator|function|text)\\b|\\bthis\\.[a-z_]+|\\bdb\\.[a-z_]+\\.|mapreduce|"
     "sleep\\(|new date|tojson|\\breturn\\b|\\[\\$)",
     WORD_NOSQL, 3, 0},
    {"(\\(\\s*[&|!]|\\*\\)|\\)\\(|\\)\\*|\\*\\(|objectclass|\\(cn=|\\(uid=|\\(sn=|\\(mail=|userpassword|\\*"
     "\\(\\|)",
     WORD_LDAP, 2, 0},
    {"(\\b(child|descendant|ancestor|parent|following|preceding|attribute|namespace)(-or-self|-sibling)?::|"
     "count\\s*\\(\\s*/|name\\s*\\(\\s*/|string-length\\s*\\(|substring\\s*\\(|/"
     "text\\(\\)|\\bposition\\s*\\(\\)|starts-with\\s*\\(|//\\*|/\\*\\[|\\]/|doc\\(|\\.\\.//|\\|\\s*//|@\\*|/"
     "node\\(\\)|contains\\s*\\()",
     WORD_XPATH, 3, 0},
    {"[\\r\\n]", WORD_CRLF, 1, 0},
    {"(http/"
     "[0-9]|set-cookie\\s*:|location\\s*:|content-(type|length|disposition)\\s*:|transfer-encoding\\s*:|"
     "refresh\\s*:|mail from:|rcpt to:|ehlo |helo |<html|<meta|https?-equiv)",
     WORD_CRLF, 2, 0},
    {"(__schema|__type\\b|introspectionquery|fragment\\s+\\w+\\s+on\\s|\\bquery\\s*[({]|\\bmutation\\s*[({"
     "\\w])",
     WORD_GRAPHQL, 2, 0},
    /* tools that name themselves */
    {"(sqlmap|nikto|nuclei|nessus|nmap|masscan|zgrab|acunetix|awvs|wvs\\b|appscan|netsparker|invicti|"
     "burpsuite|burp "
     "|owasp.?zap|zaproxy|arachni|havij|w3af|wpscan|dirbuster|dirb\\b|gobuster|ffuf|feroxbuster|wfuzz|"
     "skipfish|openvas|qualys|xray|goby|fscan|jaeles|commix|whatweb|metasploit|hydra|medusa|joomscan|vega/"
     "|webinspect|paros|grendel|brutus|pangolin|jorgee|morfeus|zmeu|dotdotpwn|fimap|grabber|golismero|bsqlbf|"
     "sqlninja|absinthe|webshag|httprint|nsauditor|siege/|thc-|rustscan|naabu|httpx "
     "|subfinder|katana|dalfox|xsstrike|sqlsus|schemathesis|cats/"
     "|restler|interactsh|l9explore|l9tcpid|internetmeasurement|expanse|censysinspect|netsystemsresearch|"
     "project "
     "?discovery|shodan|zoomeye|detectify|tplmap|jbrofuzz|cgichk|mysqloit|amiko|core-project|libwhisker|"
     "wordpress hash grabber|webtrends security|springenwerk|n-stealth|prog\\.customcrawler|security scan)",
     WORD_SCANNER, 5, 0},
    {"(nikto-|acunetix_wvs|acunetix-|appscan-|/netsparker-|nessus_|/"
     "nmaplowercheck|nice%20ports|trinity\\.txt|/nmapuppercheck|wvstest|appscan_fingerprint|/"
     "w00tw00t|cgi-bin/test-cgi|muieblackcat|proxyradar|xrayt|cybercop|/thisdoesnotexistahaha|rfiinc\\.txt|/"
     "rand[a-z0-9]{6,}\\.txt)",
     WORD_SCANNER, 10, 0},
    /* code in uploads and calls of shells */
    {"(<%@?\\s*page|<%!|<jsp:|runtime\\.getruntime|processbuilder|request\\.getparameter|eval\\s*\\(\\s*\\$_|"
     "assert\\s*\\(|base64_decode|eval\\s*\\(\\s*request|execute\\s*\\(\\s*request|response\\.write|server\\."
     "createobject|wscript\\.shell|getoutputstream|definec?lass|javax\\.crypto|sessionkey|pagecontext|"
     "behinder|godzilla|antsword|c99shell|r57shell|wso "
     "?shell|b374k|weevely|@eval|@ini_set|gzinflate|shell_exec|passthru|e45e329feb5d925b)",
     WORD_WEBSHELL, 4, 0},
    {NULL, 0, 0, 0},
};
