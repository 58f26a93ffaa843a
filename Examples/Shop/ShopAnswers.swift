import Motet

/// What a trained run answers for rows.
struct ShopAnswers {
    /// For each task a probability, or an expected number, of each row.
    var scores: [String: [Float]] = [:]
    /// For each task with a head of demand the elasticity of each row.
    var elasticities: [String: [Float]] = [:]
    /// The numbers that were learnt.
    var parameters = 0

    /// Answers that are given.
    init(scores: [String: [Float]] = [:], elasticities: [String: [Float]] = [:]) {
        (self.scores, self.elasticities) = (scores, elasticities)
    }

    /// Asks a run, 8,192 rows at a time.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - rows: the rows.
    /// - Throws: where a row has a value the run does not take.
    init(of run: TrainedRun, _ rows: ShopRows) throws {
        let predictor = try RunPredictor(run, engine: .oneDNN)
        let encoder = try RowEncoder(run.fitted)
        parameters = run.parameters.elementCount
        let count = rows.rows.count
        for first in stride(from: 0, to: count, by: 8192) {
            let part = rows.rows.picked(Array(first..<min(first + 8192, count)))
            for (task, values) in try predictor.scores(predictor.batch(part, encoder)) {
                scores[task, default: []] += values
            }
            for (task, curves) in try predictor.demandCurves(part, encoder) {
                elasticities[task, default: []] += curves.map { Float($0.elasticity) }
            }
        }
    }
}
