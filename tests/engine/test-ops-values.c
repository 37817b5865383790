/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

static const char *const sequence[] = {
  "SequenceConstruct:11 f32[1]{1} f32[2]{2,3} -> (f32[1]{1} f32[2]{2,3})",
  "SequenceConstruct:11 f32[1] i64[1] -> !the ones before are f32",
  "SequenceEmpty:11 dtype=7 -> ()",
  "SequenceEmpty:11 dtype=99 -> !no element type",
  "SequenceInsert:11 (f32[1]{1}) f32[1]{2} -> (f32[1]{1} f32[1]{2})",
  "SequenceInsert:11 (f32[1]{1}) f32[1]{2} i64[]{-1} -> (f32[1]{2} f32[1]{1})",
  "SequenceInsert:11 (f32[1]) f32[1] i64[]{2} -> !position 2",
  "SequenceInsert:11 (f32[1]) i64[1] -> !does not go into a sequence of f32",
  "SequenceErase:11 (f32[1]{1} f32[1]{2}) -> (f32[1]{1})",
  "SequenceErase:11 (f32[1]{1} f32[1]{2}) i64[]{0} -> (f32[1]{2})",
  "SequenceErase:11 () -> !outside of",
  "SequenceAt:11 (f32[1]{1} f32[2]{2,3}) i64[]{-1} -> f32[2]{2,3}",
  "SequenceAt:11 (f32[1]) i64[]{1} -> !position 1",
  "SequenceAt:11 f32[1] i64[]{0} -> !must be a sequence",
  "SequenceLength:11 (f32[1] f32[1]) -> i64[]{2}",
  "SplitToSequence:11 f32[2,1]{1,2} -> (f32[1,1]{1} f32[1,1]{2})",
  "SplitToSequence:11 keepdims=0 f32[2,1]{1,2} -> (f32[1]{1} f32[1]{2})",
  "SplitToSequence:11 f32[3]{1,2,3} i64[]{2} -> (f32[2]{1,2} f32[1]{3})",
  "SplitToSequence:11 str[3]{a,b,c} i64[2]{1,2} -> (str[1]{a} str[2]{b,c})",
  "SplitToSequence:11 f32[3] i64[2]{1,1} -> !add up to 2",
  "SplitToSequence:11 f32[3] i64[]{0} -> !expected at least 1",
  "ConcatFromSequence:11 axis=0 (f32[1]{1} f32[2]{2,3}) -> f32[3]{1,2,3}",
  "ConcatFromSequence:11 axis=-1 new_axis=1 (f32[2]{1,2} f32[2]{3,4}) -> f32[2,2]{1,3,2,4}",
  "ConcatFromSequence:11 axis=0 (f32[1] f32[1,1]) -> !element 1",
  "ConcatFromSequence:11 axis=0 () -> !without tensors",
  "Optional:15 f32[1]{1} -> ?f32[1]{1}",
  "Optional:15 -> !needs the attribute type",
  "OptionalHasElement:15 ?f32[1] -> bool[]{1}",
  "OptionalHasElement:15 ?_ -> bool[]{0}",
  "OptionalHasElement:18 -> bool[]{0}",
  "OptionalHasElement:18 f32[1] -> bool[]{1}",
  "OptionalHasElement:15 (f32[1]) -> bool[]{1}",
  "OptionalGetElement:15 ?f32[1]{5} -> f32[1]{5}",
  "OptionalGetElement:18 f32[1]{5} -> f32[1]{5}",
  "OptionalGetElement:18 ?_ -> !is empty",
};

static const char *const strings[] = {
  "StringConcat:20 str[2,1]{a,b} str[2]{x,y} -> str[2,2]{ax,ay,bx,by}",
  "StringConcat:20 str[1] f32[1] -> !expected strings",
  "StringSplit:20 delimiter='.' str[2]{a.b,c} -> str[2,2]{a,b,c,} i64[2]{2,1}",
  "StringSplit:20 str[2]{%20a%20%20b%20,} -> str[2,2]{a,b,,} i64[2]{2,0}",
  "StringSplit:20 maxsplit=1 str[1]{a%20b%20%20c} -> str[1,2]{a,b%20%20c} i64[1]{2}",
  "StringSplit:20 delimiter='--' maxsplit=1 str[1]{a--b--c} -> str[1,2]{a,b--c} i64[1]{2}",
  "StringSplit:20 str[0]{} -> str[0,0]{} i64[0]{}",
  "RegexFullMatch:20 pattern='a+b' str[3]{aab,aabc,b} -> bool[3]{1,0,0}",
  "RegexFullMatch:20 pattern='a|ab' str[1]{ab} -> bool[1]{1}",
  "RegexFullMatch:20 pattern='%5Cd%5B%5Cw%5D.' str[2]{1a%C3%A9,%D9%A1aa} -> bool[2]{1,0}",
  "RegexFullMatch:20 pattern='%5Cw' str[2]{%C3%A9,e} -> bool[2]{0,1}",
  "RegexFullMatch:20 pattern='(a)%5C1' str[1]{aa} -> !RE2 does not know",
  "RegexFullMatch:20 pattern='(?=a)a' str[1]{a} -> !RE2 does not know",
  "RegexFullMatch:20 pattern='(' str[1]{a} -> !no regular expression",
  "StringNormalizer:10 case_change_action='UPPER' stopwords=['mon'] str[3]{mon,tue,Mon} -> str[1]{TUE}",
  "StringNormalizer:10 is_case_sensitive=1 stopwords=['mon'] str[1,2]{mon,Mon} -> str[1,1]{Mon}",
  "StringNormalizer:10 stopwords=['a'] str[2]{a,A} -> str[1]",
  "StringNormalizer:10 case_change_action='LOWER' str[1]{%C3%84B} -> str[1]{%C3%A4b}",
  "StringNormalizer:10 case_change_action='LOWER' locale='tr_TR' str[1]{I} -> !locale",
  "TfIdfVectorizer:9 max_gram_length=2 min_gram_length=1 max_skip_count=0 mode='TF' ngram_counts=[0,2] ngram_indexes=[0,1,2]"
  " pool_int64s=[5,6,5,6] i64[4]{5,6,7,5} -> f32[3]{2,1,1}",
  "TfIdfVectorizer:9 max_gram_length=2 min_gram_length=2 max_skip_count=1 mode='TFIDF' ngram_counts=[0,0] ngram_indexes=[0]"
  " weights=[0.5] pool_strings=['a','b'] str[1,4]{a,b,b,x} -> f32[1,1]{1}",
  "TfIdfVectorizer:9 max_gram_length=1 min_gram_length=1 max_skip_count=0 mode='IDF' ngram_counts=[0] ngram_indexes=[1,0]"
  " weights=[2.0,3.0] pool_int64s=[5,6] i32[2]{5,5} -> f32[2]{0,2}",
  "TfIdfVectorizer:9 max_gram_length=1 min_gram_length=1 max_skip_count=0 mode='TF' ngram_counts=[0] ngram_indexes=[0]"
  " pool_int64s=[5,6] i64[1] -> !2 grams",
  "ImageDecoder:20 u8[3]{1,2,3} -> !cannot be decoded",
  "ImageDecoder:20 u8[12]{82,73,70,70,4,0,0,0,87,69,66,80} -> !cannot be decoded",
  "ImageDecoder:20 u8[25]{80,54,32,50,32,49,32,50,53,53,10,10,20,30,40,50,60,0,0,0,0,0,0,0,0} -> u8[1,2,3]{10,20,30,40,50,60}",
  "ImageDecoder:20 pixel_format='BGR' u8[18]{80,54,32,50,32,49,32,50,53,53,10,10,20,30,40,50,60,0} -> u8[1,2,3]{30,20,10,60,50,40}",
  "ImageDecoder:20 pixel_format='CMYK' u8[1] -> !not one of",
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/sequence", sequence, G_N_ELEMENTS (sequence));
  op_lines ("/ops/strings", strings, G_N_ELEMENTS (strings));
  return g_test_run ();
}
