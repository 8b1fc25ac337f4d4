"""`make evaluate-matcher`: the matcher alone, on any intent data. Runs in the bot's environment.

TRAIN and TEST have the columns `text,label`. OUT gets `text,label,predicted,confidence,top3`
with the thresholds as shipped; an empty prediction is a rejection.
"""

import csv
import sys
from pathlib import Path

from bot.components.index import Index


def read(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if not {"text", "label"} <= set(reader.fieldnames or ()):
            raise ValueError(f"{path}:1: the columns text and label are needed")
        return [(row["text"], row["label"]) for row in reader]


def matthews(pairs):
    """Matthews correlation over many classes (Gorodkin 2004); a rejection is a class."""
    truths = [truth for truth, _ in pairs]
    found = [prediction for _, prediction in pairs]
    labels = sorted(set(truths) | set(found))
    total = len(pairs)
    right = sum(truth == prediction for truth, prediction in pairs)
    by_truth = {label: truths.count(label) for label in labels}
    by_found = {label: found.count(label) for label in labels}
    cross = sum(by_truth[label] * by_found[label] for label in labels)
    truth_part = total**2 - sum(count**2 for count in by_truth.values())
    found_part = total**2 - sum(count**2 for count in by_found.values())
    if not truth_part or not found_part:
        return 0.0
    return (right * total - cross) / (truth_part * found_part) ** 0.5


def main():
    if len(sys.argv) != 4 or not all(sys.argv[1:]):
        print("usage: make evaluate-matcher TRAIN=a.csv TEST=b.csv OUT=out.csv", file=sys.stderr)
        return 2
    try:
        train, test = read(sys.argv[1]), read(sys.argv[2])
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    index = Index.from_labels([text for text, _ in train], [label for _, label in train])
    known = {label for _, label in train}
    rows, pairs, inside, inside_right, top_right = [], [], 0, 0, 0
    for text, label in test:
        match = index.match(text)
        ranked = list(match.ranked[:3])
        predicted = ranked[0][0] if match.band == "answer" and ranked else ""
        confidence = ranked[0][1] if ranked else 0.0
        top3 = ";".join(f"{name}:{score:.3f}" for name, score in ranked)
        rows.append([text, label, predicted, f"{confidence:.4f}", top3])
        truth = label if label in known else ""
        pairs.append((truth, predicted))
        if truth:
            inside += 1
            inside_right += bool(ranked) and ranked[0][0] == label
            top_right += label in [name for name, _ in ranked]
    with Path(sys.argv[3]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label", "predicted", "confidence", "top3"])
        writer.writerows(rows)
    answered = sum(bool(predicted) for _, predicted in pairs)
    print(f"{len(train)} examples of {len(known)} labels; {len(test)} questions, {inside} in scope")
    if inside:
        print(f"best guess right, in scope     {100 * inside_right / inside:6.1f} %")
        print(f"among the first three          {100 * top_right / inside:6.1f} %")
    print(f"answered as sure               {100 * answered / max(1, len(test)):6.1f} %")
    print(f"Matthews correlation x 100     {100 * matthews(pairs):6.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
