import { expect } from 'chai';
import {
  cleanDeep,
  cleanText,
  defuseCommands,
  firstLines,
  markdownCode,
  markdownFence,
  markdownProse,
  markdownText,
  oneLine,
  truncate,
  xmlText,
} from './escaping.ts';

const ESC = '\u001b';
/** Text with its control characters as numbers. */
const markedOut = (text: string): string =>
  text.replace(/\p{Cc}/gu, (char) => `<${char.charCodeAt(0).toString(16)}>`);

describe('cleanText', () => {
  it('should remove terminal escapes with their parameters', () => {
    const text = `${ESC}[1;31mred${ESC}[0m ${ESC}]0;title\u0007${ESC}]8;;http://x${ESC}\\link \u009b2Jx${ESC}c`;

    expect(cleanText(text)).to.equal('red link xc');
  });

  it('should remove control characters, direction marks and half characters', () => {
    expect(cleanText('a\u0000b\u007fc\u202ed\u2066e\ud800f\uffffg\ud83d\ude00')).to.equal(
      'abcdefg\u{1f600}',
    );
  });

  it('should remove what cannot be seen, but for joiners of writing and emoji', () => {
    expect(cleanText('a\u200b\u2060\ufeff\u00ad\u{e0041}b')).to.equal('ab');
    expect(cleanText('می\u200cخواهم \u{1f469}\u200d\u{1f680}')).to.equal(
      'می\u200cخواهم \u{1f469}\u200d\u{1f680}',
    );
  });

  // Each would take hours if every start of a sequence looked for its end.
  for (const start of ['\u009d', '\u009b', '\u009b0', `${ESC}]`, `${ESC}[`, `${ESC}[0 `]) {
    it(`should go once through a million characters of ${markedOut(start)}`, () => {
      const text = start.repeat(1_000_000 / start.length);

      expect(cleanText(`${text}end`)).to.match(/nd$/u);
    });
  }

  it('should keep lines, whatever ends them', () => {
    expect(cleanText('a\r\nb\rc\nd\u2028e\tf')).to.equal('a\nb\nc\nd\ne  f');
  });
});

describe('oneLine', () => {
  it('should collapse white space', () => {
    expect(oneLine('  a\n\n b\u00a0\tc ')).to.equal('a b c');
  });
});

describe('cleanDeep', () => {
  it('should keep lines only where a field may have several', () => {
    const record = { summary: 'a\nb', log: ['c\nd'], deep: { hint: 'e\nf', line: 3, none: null } };

    expect(cleanDeep(record)).to.deep.equal({
      summary: 'a b',
      log: ['c\nd'],
      deep: { hint: 'e\nf', line: 3, none: null },
    });
  });

  it('should clean only as much of a text as it may show, and some more', () => {
    const hidden = { walk: `${'\u0000'.repeat(2e6)}end`, title: `${'\u0000'.repeat(2e6)}end` };

    expect(cleanDeep(hidden).walk).to.equal('\n… (1900003 more characters)');
    expect(cleanDeep(hidden).title).to.equal('… (1900003 more characters)');
  });

  it('should shorten what is absurdly long, but no command', () => {
    const long = 'x'.repeat(100_000);

    const { title, walk, replay } = cleanDeep({ title: long, walk: long, replay: long });

    expect(title).to.match(/^x{600} … \(99400 more characters\)$/u);
    expect(walk.length).to.be.below(11_000);
    expect(replay).to.equal(long);
  });
});

describe('markdownText', () => {
  it('should leave no markup', () => {
    expect(markdownText('<b>*a*_b_[c](d)`e`|f&lt;~~g~~$h$\\')).to.equal(
      '&lt;b&gt;\\*a\\*\\_b\\_\\[c\\](d)\\`e\\`\\|f&amp;lt;\\~\\~g\\~\\~\\$h\\$\\\\',
    );
  });

  it('should start no block', () => {
    const lines = ['# a', '- b', '+ c', '=== d', '1. e', '2) f', '    g', '> h'];

    expect(lines.map(markdownText)).to.deep.equal([
      '\\# a',
      '\\- b',
      '\\+ c',
      '\\=== d',
      '1\\. e',
      '2\\) f',
      'g',
      '&gt; h',
    ]);
  });

  it('should link to nothing and mention nobody', () => {
    const cases = {
      'see https://evil.example/x': 'see https:&#8203;//evil.example/x',
      'HTTP://evil.example ftp://evil.example':
        'HTTP:&#8203;//evil.example ftp:&#8203;//evil.example',
      'www.evil.example, WWW.evil.example': 'www&#8203;.evil.example, WWW&#8203;.evil.example',
      'mailto:me@evil.example': 'mailto:me@&#8203;evil.example',
      '@octocat and (@my-org/staff)': '@&#8203;octocat and (@&#8203;my-org/staff)',
      '@@octocat': '@&#8203;@&#8203;octocat',
      'octo-org/grades#1, fixes #12': 'octo-org/grades#&#8203;1, fixes #&#8203;12',
      '#1': '\\#&#8203;1',
      'GH-12 gh-1': 'GH-&#8203;12 gh-&#8203;1',
      // What is escaped already must not become one again.
      '&#64;octocat &commat;x': '&amp;#&#8203;64;octocat &amp;commat;x',
      '@_x': '@&#8203;\\_x',
    };
    for (const [text, markdown] of Object.entries(cases))
      expect(markdownText(text), text).to.equal(markdown);
  });

  it('should leave what is no link as it is', () => {
    const text = 'a: b // c, page # 1, #include, 1:2, HIGH-1, awww, a - b';

    expect(markdownText(text)).to.equal(text);
  });

  it('should keep lines apart', () => {
    expect(markdownText('a\n\nb')).to.equal('a  \nb');
  });
});

describe('markdownProse', () => {
  it('should put what reads like code between backticks, and escape the rest', () => {
    const cases = {
      'compare it with 0x8000_0000_0000n.': 'compare it with `0x8000_0000_0000n`.',
      'the region has READ | USER, not *more*': 'the region has `READ | USER`, not \\*more\\*',
      'A region covers [start, start + size rounded up).':
        'A region covers `[start, start + size rounded up)`.',
      'doCopyOnWrite calls Page.new() in fork.ts; READ alone, e.g. here':
        '`doCopyOnWrite` calls `Page.new()` in `fork.ts`; READ alone, e.g. here',
      'page-table.ts, lazy-pager.ts is missing': '`page-table.ts`, `lazy-pager.ts` is missing',
    };
    for (const [text, markdown] of Object.entries(cases)) {
      expect(markdownProse(text), text).to.equal(markdown);
    }
  });

  it('should link to nothing, beside what reads like code, too', () => {
    expect(
      markdownProse('https://evil.example/a_b @octoCat #1 www.evil.example x@pageTable()'),
    ).to.equal(
      'https:&#8203;//`evil.example`/`a_b` @&#8203;`octoCat` #&#8203;1 `www.evil.example` x@&#8203;`pageTable()`',
    );
  });

  it('should leave no markup and start no block', () => {
    expect(markdownProse('# a_b <b>c_d</b> `e_f` [x](y_z)\n- READ | USER')).to.equal(
      '\\# `a_b` &lt;b&gt;`c_d`&lt;/b&gt; \\`e\\_f\\` \\[x\\](`y_z`)  \n\\- `READ | USER`',
    );
  });
});

describe('markdownCode', () => {
  it('should use more backticks than the text has', () => {
    expect(markdownCode('a``b`')).to.equal('``` a``b` ```');
    expect(markdownCode('plain')).to.equal('`plain`');
    expect(markdownCode('\n')).to.equal('');
  });
});

describe('markdownFence', () => {
  it('should not be closed by what it holds', () => {
    expect(markdownFence(['a', '````'])).to.equal('`````text\na\n````\n`````');
  });
});

describe('xmlText', () => {
  it('should leave nothing that looks like a reference to something else', () => {
    expect(xmlText('a & b &lt; &#0;')).to.equal('a &amp; b &amp;lt; &amp;#0;');
  });
});

describe('defuseCommands', () => {
  it('should break commands at the start of a line, behind spaces and colours too', () => {
    const text = `::error::a\n  ::set-output name=b::c\n${ESC}[31m::warning::d\nx ::e`;

    expect(defuseCommands(text)).to.equal(
      `: :error::a\n  : :set-output name=b::c\n${ESC}[31m: :warning::d\nx ::e`,
    );
  });

  it('should break the older form anywhere', () => {
    expect(defuseCommands('a ##[error]b ##vso[task.complete]c ## d')).to.equal(
      'a # #[error]b # #vso[task.complete]c ## d',
    );
  });
});

describe('truncate', () => {
  it('should say how much is missing', () => {
    expect(truncate('abcdef', 4)).to.equal('abcd\n… (2 more characters)');
    expect(truncate('abcd', 4)).to.equal('abcd');
  });

  it('should not split a character', () => {
    expect(truncate('a\u{1f600}b', 2)).to.equal('a\n… (2 more characters)');
  });
});

describe('firstLines', () => {
  it('should say how many are missing', () => {
    expect(firstLines(['a', 'b', 'c'], 2)).to.deep.equal(['a', 'b', '… (1 more lines)']);
  });
});
