# SPDX-License-Identifier: Apache-2.0
"""Layouts in which scripts/score fresh sends its tables: each takes rows of (key, class, value) and gives request and response."""
import gzip, html, io, json, urllib.parse, zipfile

ALONE = {'id_card', 'mobile', 'email', 'bank_card', 'uscc', 'iban', 'plate', 'aws_access_key', 'jwt', 'private_key', 'github_token'}
LAYOUTS = {}


def layout(f):
    LAYOUTS[f.__name__] = f
    return f


def http(r, body, mime, asked=False):
    """The body as an answer, or as what was asked."""
    if isinstance(body, str):
        body = body.encode()
    path = '/%s/%s/%s' % (r.choice(['api', 'v1', 'svc']), r.choice(['query', 'export', 'detail', 'find']), r.choice(['all', 'page', 'one']))
    if asked:
        return (('POST %s HTTP/1.1\r\nHost: app.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n' % (path, mime, len(body))).encode() + body,
                b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"code":0}')
    extra = ''
    if r.random() < 0.2:
        body, extra = gzip.compress(body), 'Content-Encoding: gzip\r\n'
    head = 'HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n' % (mime, extra, len(body))
    return ('GET %s HTTP/1.1\r\nHost: app.example\r\n\r\n' % path).encode(), head.encode() + body


def plain(row):
    return {k: v for k, c, v in row}


def dump(r, x):
    return json.dumps(x, ensure_ascii=r.random() < 0.3, indent=r.choice((None, None, 2)))


def keys(rows):
    return [k for k, c, v in rows[0]]


def cells(rows):
    return [[v for k, c, v in row] for row in rows]


@layout
def json_list(r, rows):
    out = {'code': 0, 'msg': 'ok', 'data': {'total': len(rows), 'list': [plain(x) for x in rows]}}
    return http(r, dump(r, out), 'application/json', r.random() < 0.3)


@layout
def json_nested(r, rows):
    def nest(row):
        half = len(row) // 2
        return {'result': {'base': plain(row[:half]), 'ext': {'more': plain(row[half:])}}}
    return http(r, dump(r, [nest(x) for x in rows]), 'application/json')


@layout
def json_escaped(r, rows):
    parts = []
    for row in rows:
        parts.append('{' + ','.join('%s:"%s"' % (json.dumps(k), ''.join('\\u%04x' % ord(c) for c in v) if len(v) < 400 else
                                                 json.dumps(v)[1:-1]) for k, c, v in row) + '}')
    return http(r, '{"d":[' + ','.join(parts) + ']}', 'application/json')


@layout
def json_in_string(r, rows):
    inner = json.dumps([plain(x) for x in rows], ensure_ascii=False)
    return http(r, json.dumps({'code': '0', 'body': inner}, ensure_ascii=False), 'application/json')


@layout
def json_gbk(r, rows):
    return http(r, json.dumps({'rows': [plain(x) for x in rows]}, ensure_ascii=False).encode('gb18030'), 'application/json; charset=GBK')


@layout
def ndjson(r, rows):
    return http(r, '\n'.join(json.dumps(plain(x), ensure_ascii=False) for x in rows) + '\n', 'application/x-ndjson')


@layout
def columns_rows(r, rows):
    head, body = r.choice([('columns', 'rows'), ('header', 'data'), ('columns', 'data'), ('headers', 'records'), ('titles', 'list'), ('fields', 'values'),
                           ('columnNames', 'rows'), ('cols', 'items'), ('head', 'body')])
    out = {head: keys(rows), body: cells(rows)}
    if r.random() < 0.5:
        out = {'code': 200, 'result': dict([('total', len(rows))] + list(out.items()))}
    return http(r, dump(r, out), 'application/json')


@layout
def fields_data(r, rows):
    head, name, body = r.choice([('fields', 'name', 'data'), ('columns', 'name', 'rows'), ('columns', 'field', 'data'), ('cols', 'label', 'rows'),
                                 ('metaData', 'columnName', 'resultSet'), ('header', 'title', 'values'), ('schema', 'column_name', 'data')])
    cols = [{name: k, 'type': 'varchar'} if r.random() < 0.9 else {'index': 1, name: k} for k in keys(rows)]
    return http(r, dump(r, {'ok': True, 'data': {head: cols, body: cells(rows)}}), 'application/json')


@layout
def series(r, rows):
    out = {'results': [{'statement_id': 0, 'series': [{'name': 'cust', 'columns': keys(rows), 'values': cells(rows)}]}]}
    return http(r, dump(r, out), 'application/json')


@layout
def array_of_arrays(r, rows):
    out = [keys(rows)] + cells(rows)
    return http(r, dump(r, r.choice([out, {'sheet': out}, {'data': {'table': out}}])), 'application/json')


@layout
def lists_by_column(r, rows):
    return http(r, dump(r, {'data': {k: [row[i][2] for row in rows] for i, k in enumerate(keys(rows))}}), 'application/json')


@layout
def key_value_list(r, rows):
    a, b = r.choice([('label', 'value'), ('name', 'value'), ('key', 'value'), ('title', 'content'), ('fieldName', 'fieldValue'), ('k', 'v'), ('code', 'val'),
                     ('field', 'value'), ('attrName', 'attrValue'), ('itemName', 'itemValue')])
    out = [{a: k, b: v} if r.random() < 0.9 else {'sort': 1, a: k, b: v} for row in rows for k, c, v in row]
    return http(r, dump(r, {'items': out}), 'application/json')


@layout
def form(r, rows):
    rows[:] = rows[-1:]
    return http(r, urllib.parse.urlencode(plain(rows[0])), "application/x-www-form-urlencoded", True)


@layout
def form_gbk(r, rows):
    rows[:] = rows[-1:]
    return http(r, urllib.parse.urlencode(plain(rows[0]), encoding='gb18030'), 'application/x-www-form-urlencoded; charset=GBK', True)


@layout
def form_json(r, rows):
    return http(r, urllib.parse.urlencode({'bizContent': json.dumps([plain(x) for x in rows], ensure_ascii=False), 'v': '1.0'}), 'application/x-www-form-urlencoded', True)


@layout
def multipart(r, rows):
    rows[:] = rows[-1:]
    body = b''.join(('--xBoUnD\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (k, v)).encode() for k, c, v in rows[0])
    return http(r, body + b'--xBoUnD--\r\n', 'multipart/form-data; boundary=xBoUnD', True)


@layout
def query(r, rows):
    rows[:] = [[x for x in rows[-1] if len(x[2]) < 200]]
    return (('GET /q?%s HTTP/1.1\r\nHost: app.example\r\n\r\n' % urllib.parse.urlencode(plain(rows[0]))).encode(), b'HTTP/1.1 204 No Content\r\n\r\n')


def element(k):
    k = k.replace(' ', '_').replace('（', '').replace('）', '').replace('/', '')
    return k if not k[0].isdigit() else 'n' + k


def xml_of(row):
    return ''.join('<%s>%s</%s>' % (element(k), html.escape(v), element(k)) for k, c, v in row)


@layout
def xml_elements(r, rows):
    out = '<?xml version="1.0" encoding="UTF-8"?><resp><code>0</code><list>%s</list></resp>' % ''.join('<row>%s</row>' % xml_of(x) for x in rows)
    return http(r, out, 'application/xml')


@layout
def xml_attributes(r, rows):
    out = '<resp>%s</resp>' % ''.join('<row %s/>' % ' '.join('%s="%s"' % (element(k), html.escape(v).replace('\n', '&#10;')) for k, c, v in x) for x in rows)
    return http(r, out, 'text/xml')


@layout
def xml_fields(r, rows):
    out = '<msg>%s</msg>' % ''.join('<field name="%s">%s</field>' % (html.escape(k), html.escape(v)) for x in rows for k, c, v in x)
    return http(r, out, 'text/xml')


@layout
def soap_gbk(r, rows):
    out = ('<?xml version="1.0" encoding="GBK"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><queryResponse>%s'
           '</queryResponse></soap:Body></soap:Envelope>' % ''.join('<item>%s</item>' % xml_of(x) for x in rows))
    return http(r, out.encode('gb18030'), 'text/xml; charset=GBK')


@layout
def graphql_answer(r, rows):
    return http(r, dump(r, {'data': {'customers': {'edges': [{'node': plain(x)} for x in rows]}}}), 'application/json')


@layout
def graphql_variables(r, rows):
    rows[:] = rows[-1:]
    out = {'operationName': 'Save', 'query': 'mutation Save($input: CustInput!) { save(input: $input) { ok } }', 'variables': {'input': plain(rows[0])}}
    return http(r, dump(r, out), 'application/json', True)


def quoted(r, v, sep):
    return '"%s"' % v.replace('"', '""') if sep in v or '"' in v or '\n' in v or r.random() < 0.1 else v


def separated(r, rows, sep):
    lines = [sep.join(quoted(r, k, sep) for k in keys(rows))] + [sep.join(quoted(r, v, sep) for v in x) for x in cells(rows)]
    return r.choice(['\n', '\r\n']).join(lines) + '\n'


@layout
def csv(r, rows):
    text = separated(r, rows, ',')
    return http(r, text.encode(r.choice(['utf-8', 'utf-8-sig', 'gb18030'])), r.choice(['text/csv', 'application/octet-stream', 'application/csv']))


@layout
def tsv(r, rows):
    return http(r, separated(r, rows, '\t'), r.choice(['text/tab-separated-values', 'text/plain']))


@layout
def xlsx(r, rows):
    strings, sheet = [], []
    for n, row in enumerate([keys(rows)] + cells(rows)):
        line = []
        for i, v in enumerate(row):
            ref = '%s%d' % (chr(65 + i) if i < 26 else 'A' + chr(39 + i), n + 1)
            if r.random() < 0.3:
                line.append('<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (ref, html.escape(v)))
            else:
                line.append('<c r="%s" t="s"><v>%d</v></c>' % (ref, len(strings)))
                strings.append('<si><t>%s</t></si>' % html.escape(v))
        sheet.append('<row r="%d">%s</row>' % (n + 1, ''.join(line)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('[Content_Types].xml', '<Types/>')
        z.writestr('xl/workbook.xml', '<workbook/>')
        parts = [('xl/sharedStrings.xml', '<sst>%s</sst>' % ''.join(strings)), ('xl/worksheets/sheet1.xml', '<worksheet><sheetData>%s</sheetData></worksheet>' % ''.join(sheet))]
        for name, text in parts[::r.choice((1, -1))]:
            z.writestr(name, text)
    return http(r, out.getvalue(), 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')


def page(r, inner):
    text = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>列表</title><style>td{padding:1px}</style></head><body><div class="main">%s</div></body></html>' % inner
    return http(r, text, 'text/html; charset=utf-8')


@layout
def html_table(r, rows):
    th = r.choice(['th', 'td'])
    head = '<tr>%s</tr>' % ''.join('<%s class="h">%s</%s>' % (th, html.escape(k), th) for k in keys(rows))
    cell = r.choice(['<td>%s</td>', '<td align="left"> %s </td>', '<td><span>%s</span></td>'])
    body = ''.join('<tr>%s</tr>' % ''.join(cell % html.escape(v) for v in x) for x in cells(rows))
    return page(r, r.choice(['<table border=1>%s%s</table>', '<table><thead>%s</thead><tbody>%s</tbody></table>']) % (head, body))


@layout
def html_rows(r, rows):
    """A row of label and value, one or two pairs a row."""
    row, th = rows[-1], r.choice(['th', 'td'])
    rows[:] = [row]
    pairs = ['<%s>%s%s</%s><td>%s</td>' % (th, html.escape(k), r.choice(['', '：', ':']), th, html.escape(v)) for k, c, v in row]
    step = 1 if th == 'td' else r.choice((1, 2))
    return page(r, '<table class="form">%s</table>' % ''.join('<tr>%s</tr>\n' % ''.join(pairs[i:i + step]) for i in range(0, len(pairs), step)))


@layout
def html_dl(r, rows):
    return page(r, ''.join('<dl>%s</dl>' % ''.join('<dt>%s</dt><dd>%s</dd>' % (html.escape(k), html.escape(v)) for k, c, v in x) for x in rows))


@layout
def html_labels(r, rows):
    form = r.choice(['<div class="item"><label>%s</label><span>%s</span></div>', '<p><b>%s：</b>%s</p>', '<li><span class="k">%s：</span><span class="v">%s</span></li>',
                     '<div><label>%s:</label> <div class="value">%s</div></div>'])
    return page(r, ''.join('<div class="card">%s</div>' % ''.join(form % (html.escape(k), html.escape(v)) for k, c, v in x) for x in rows))


@layout
def html_inputs(r, rows):
    rows[:] = rows[-1:]
    return page(r, '<form>%s</form>' % ''.join('<label for="f%d">%s</label><input id="f%d" name="%s" type="text" value="%s">' % (i, html.escape(k), i, html.escape(k), html.escape(v)) for i, (k, c, v) in enumerate(rows[0])))


@layout
def text_lines(r, rows):
    rows[:] = [[x for x in row if '\n' not in x[2]] for row in rows]
    sep = r.choice([': ', '=', ' = ', '：'])
    return http(r, '\n\n'.join('\n'.join(k + sep + v for k, c, v in row) for row in rows), 'text/plain; charset=utf-8')


@layout
def sse(r, rows):
    return http(r, ''.join('event: row\ndata: %s\n\n' % json.dumps(plain(x), ensure_ascii=False) for x in rows), 'text/event-stream')


def varint(n):
    out = b''
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


@layout
def protobuf(r, rows):
    def message(row):
        return b''.join(varint(i + 1 << 3 | 2) + varint(len(v.encode())) + v.encode() for i, (k, c, v) in enumerate(row))
    body = b''.join(varint(1 << 3 | 2) + varint(len(m)) + m for m in map(message, rows))
    return http(r, body, 'application/x-protobuf')
protobuf.only = ALONE


@layout
def map_by_id(r, rows):
    return http(r, dump(r, {'users': {'%08d' % r.randrange(10**8): plain(x) for x in rows}}), 'application/json')


@layout
def jsonp(r, rows):
    return http(r, 'callback_%d(%s);' % (r.randrange(10**6), dump(r, {'data': [plain(x) for x in rows]})), 'application/javascript')


@layout
def prose_json(r, text):
    return http(r, dump(r, {'id': r.randrange(10**6), 'remark': text}), 'application/json')


@layout
def prose_text(r, text):
    return http(r, text, 'text/plain; charset=utf-8')


@layout
def prose_gbk(r, text):
    return http(r, ('<html><body><p>%s</p></body></html>' % text).encode('gb18030'), 'text/html; charset=gbk')
