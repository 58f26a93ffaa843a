import MotetExperiments

/// The scores of some rows, counted by task, scenario and bin.
struct ScoreTally: Sendable {
    /// How they are counted.
    let layout: ScoreLayout
    /// The scenarios that there are scores of; nil stands for those that are in none.
    private(set) var scenarios: [Int?] = []
    /// For each of `scenarios` the counts of the bins, task by task.
    private(set) var counts: [[Int32]] = []
    /// For each of `scenarios` the sums of the scores by task.
    private(set) var sums: [[Double]] = []

    /// Counts scores.
    ///
    /// - Parameters:
    ///   - scores: for each task of the layout a score for each row.
    ///   - rows: the scenarios of the rows.
    ///   - layout: how they are counted.
    init(_ scores: [[ServedModel.Score]], _ rows: ScoreLayout.Rows, _ layout: ScoreLayout) {
        self.layout = layout
        switch rows {
        case .same(let scenario):
            let place = place(of: scenario)
            for task in scores.indices {
                for score in scores[task] { add(score.value, task, place) }
            }
        case .each(let all):
            let places = all.map { place(of: $0) }
            for task in scores.indices {
                for (score, place) in zip(scores[task], places) { add(score.value, task, place) }
            }
        }
    }

    private mutating func place(of scenario: Int?) -> Int {
        if let place = scenarios.firstIndex(of: scenario) { return place }
        scenarios.append(scenario)
        counts.append([Int32](repeating: 0, count: layout.tasks.count * ScoreBins.count))
        sums.append([Double](repeating: 0, count: layout.tasks.count))
        return scenarios.count - 1
    }

    private mutating func add(_ score: Float, _ task: Int, _ place: Int) {
        let bin = layout.tasks[task].lookup.bin(of: score)
        counts[place][task * ScoreBins.count + bin] += 1
        sums[place][task] += Double(score)
    }
}
