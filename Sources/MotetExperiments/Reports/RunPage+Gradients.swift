import Foundation
import MotetReports
import MotetTraining

extension RunPage {
    /// How the gradients of each two tasks lay to each other over the epochs, and what each task weighed.
    var gradientBlocks: [ReportBlock] {
        let combined = epochs.contains { $0.gradients != nil }
        let isProbed = epochs.contains { $0.sharedGradients != nil }
        guard combined || isProbed else { return [] }
        var plots: [any Plot] = []
        let pairs = shownPairs
        if !pairs.isEmpty {
            var cosines = plot(
                "Cosines between gradients of tasks",
                "mean cosine",
                pairs.map { pair in line(pair.name) { cosine($0, pair) } }
            )
            cosines.includes = [-1, 1]
            cosines.level = 0
            var conflicts = plot(
                "Steps in which gradients opposed each other",
                "share of steps",
                pairs.map { pair in line(pair.name) { share($0, pair) } }
            )
            conflicts.yFormat = .percent
            conflicts.includes = [0, 1]
            plots += [cosines, conflicts]
        }
        let names = tasks
        var norms = plot(
            "Lengths of gradients",
            "mean length",
            names.enumerated().map { index, name in line(name) { norm($0, index) } }
        )
        norms.yScale = .logarithmic
        plots.append(norms)
        if combined {
            plots.append(
                plot(
                    "What each task's gradient counted for",
                    "mean factor",
                    names.enumerated().map { index, name in
                        line(name) { $0.gradients?.meanFactor(index) }
                    }
                )
            )
        }
        let place =
            combined
            ? "Where gradients are combined (`aggregation`), in every step."
            : "Of all shared parameters together, in the steps that were looked at."
        let left = allPairs.count - pairs.count
        let note =
            left > 0
            ? " Of \(allPairs.count) pairs, the \(pairs.count) that opposed each other most are drawn."
            : ""
        return [
            .paragraph(
                place + " Below a cosine of 0 a step that helps one task hurts the other." + note
            ),
            .plots(plots),
        ]
    }

    private struct Pair {
        let first: Int
        let second: Int
        let name: String
    }

    private var tasks: [String] {
        epochs.lazy.compactMap { $0.gradients?.tasks ?? $0.sharedGradients?.tasks }.first ?? []
    }

    private var allPairs: [Pair] {
        let names = tasks
        return names.indices.flatMap { first in
            names.indices.filter { $0 > first }.map { second in
                Pair(first: first, second: second, name: "\(names[first]) and \(names[second])")
            }
        }
    }

    /// The pairs that are drawn: those that opposed each other in the greatest share of an epoch's steps.
    private var shownPairs: [Pair] {
        let known = allPairs.filter { pair in epochs.contains { cosine($0, pair) != nil } }
        guard known.count > Self.curveLimit else { return known }
        let worst = known.map { pair in epochs.compactMap { share($0, pair) }.max() ?? 0 }
        let order = known.indices.sorted { (-worst[$0], $0) < (-worst[$1], $1) }
        return order.prefix(Self.curveLimit).sorted().map { known[$0] }
    }

    private func cosine(_ epoch: EpochRecord, _ pair: Pair) -> Double? {
        if let record = epoch.gradients { return record.meanCosine(pair.first, pair.second) }
        return epoch.sharedGradients?.whole.meanCosine(pair.first, pair.second)
    }

    private func share(_ epoch: EpochRecord, _ pair: Pair) -> Double? {
        if let record = epoch.gradients { return record.conflictShare(pair.first, pair.second) }
        return epoch.sharedGradients?.whole.conflictShare(pair.first, pair.second)
    }

    private func norm(_ epoch: EpochRecord, _ task: Int) -> Double? {
        if let record = epoch.gradients { return record.meanNorm(task) }
        return epoch.sharedGradients?.whole.meanNorm(task)
    }
}
