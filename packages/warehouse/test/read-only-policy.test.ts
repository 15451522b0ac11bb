import { describe, expect, it } from 'vitest';
import { judgeReadOnly } from '../src/read-only-policy.ts';

const TABLE_FUNCTIONS = new Set(['file', 'url', 's3', 'numbers', 'values', 'somethingofalaterversion']);

describe('judgeReadOnly', () => {
  it.each([
    'SELECT 1',
    'WITH x AS (SELECT 1) SELECT * FROM x',
    '(SELECT 1) UNION ALL (SELECT 2)',
    'SHOW TABLES',
    'DESCRIBE TABLE messtrack.leads',
    'DESCRIBE TABLE `leads`',
    'EXPLAIN SELECT 1',
    'EXISTS TABLE t',
    'SELECT number FROM numbers(3)',
    "SELECT 'file(\\'x\\') INTO OUTFILE'",
    'SELECT file FROM t',
    'SELECT `into`, outfile FROM t',
  ])('allows %s', (sql) => {
    expect(judgeReadOnly(sql, TABLE_FUNCTIONS)).toEqual({ kind: 'allowed' });
  });

  it.each([
    'INSERT INTO t VALUES (1)',
    'DROP TABLE t',
    'SET readonly = 0',
    'KILL QUERY WHERE 1',
    "BACKUP TABLE t TO Disk('a', 'b')",
    'SYSTEM SHUTDOWN',
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT file('/etc/passwd')",
    "SELECT FILE('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    "SELECT * FROM url('http://10.0.0.1/')",
    "SELECT * FROM s3('https://bucket/x')",
    "SELECT * FROM somethingOfALaterVersion('x')",
    "SELECT 1 WHERE 1 IN (SELECT * FROM file('/etc/passwd'))",
    "SELECT aiGenerate('x')",
    "SELECT reverseDNSQuery('x')",
    "DESCRIBE TABLE file('/etc/passwd')",
    'DESCRIBE TABLE `/etc/passwd`',
    'DESCRIBE TABLE default.`/etc/passwd`',
    '',
  ])('refuses %s', (sql) => {
    expect(judgeReadOnly(sql, TABLE_FUNCTIONS).kind).toBe('refused');
  });
});
