// What a text costs as SMS. The twin of api/channels/segments.py for the counter under the
// fingers; a test holds the two together.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");
const ROOM = { "GSM-7": [160, 153], "UCS-2": [70, 67] };
const clusters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** {encoding, units, segments, room}: room is how many units these segments hold. */
export function measure(text) {
  const plain = [...text].every((letter) => BASIC.has(letter) || EXTENSION.has(letter));
  const encoding = plain ? "GSM-7" : "UCS-2";
  const [alone, shared] = ROOM[encoding];
  const sizes = plain
    ? [...text].map((letter) => (EXTENSION.has(letter) ? 2 : 1))
    : [...clusters.segment(text)].flatMap(({ segment }) => clusterSizes(segment, shared));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  if (units <= alone) return { encoding, units, segments: 1, room: alone };
  let segments = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > shared) {
      segments += 1;
      used = 0;
    }
    used += size;
  }
  return { encoding, units, segments, room: units + shared - used };
}

// A cluster that no segment can hold is cut between its code points.
function clusterSizes(cluster, room) {
  if (cluster !== "\r\n" && cluster.length <= room) return [cluster.length];
  return [...cluster].map((letter) => letter.length);
}
