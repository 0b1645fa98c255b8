/**
 * Headings of Moodle's worksheet in the languages that it is used in most. Where a language is not listed the columns are told by what is in
 * them, or the teacher names the one to fill.
 */

/** The heading of the column with the grade: Moodle's word for "Grade". */
const GRADE: ReadonlySet<string> = new Set([
  'grade',
  'bewertung',
  'note',
  'nota',
  'notă',
  'calificación',
  'qualificació',
  'cualificación',
  'kalifikazioa',
  'valutazione',
  'voto',
  'avaliação',
  'cijfer',
  'beoordeling',
  'ocena',
  'ocjena',
  'оцена',
  'оценка',
  'оцінка',
  'známka',
  'hodnocení',
  'hodnotenie',
  'hodnotenia',
  'betyg',
  'karakter',
  'arvosana',
  'arviointi',
  'hinne',
  'atzīme',
  'įvertinimas',
  'értékelés',
  'osztályzat',
  'pontszám',
  'not',
  'βαθμός',
  'ציון',
  'الدرجة',
  'التقدير',
  'نمره',
  'ग्रेड',
  'điểm',
  'nilai',
  'คะแนนที่ได้',
  'คะแนน',
  '成绩',
  '成績',
  '分数',
  '分數',
  '評点',
  '評定',
  '성적',
  '점수',
]);

/** Whether a heading is Moodle's word for "Grade", in any language listed. */
export function saysGrade(heading: string): boolean {
  return GRADE.has(heading.normalize('NFC').trim().toLowerCase());
}
