import MotetCore
import MotetGraph
import MotetNN
import MotetRecommenders
import Testing

@testable import MotetTraining

/// The training graph of a model with its outputs and, as `d <parameter>`, the gradients of the sum of all losses.
func differentiated(_ model: Model, _ heads: [TaskHead]) throws -> Graph {
    var traced = try model.trace(.training)
    let tasks = try TaskList(heads.map { NamedTask($0.name, .binary()) }, model)
    var appended = TaskLosses(model, usesSampleWeight: false)
    var losses: [Value] = []
    for task in tasks.tasks {
        losses.append(try #require(appended.append(task, of: tasks, to: &traced)).loss)
    }
    losses += try appended.appendAdded(heads.map(\.name), of: tasks, to: &traced)
    for (name, value) in traced.outputs { traced.graph.output(name, value) }
    let total = try traced.graph.add(AddN(), losses)[0]
    let trained = Set(model.parameters.filter(\.isTrained).map(\.name))
    let targets = traced.graph.graph.states.filter { trained.contains($0.name) }
    let gradients = try traced.graph.gradients(
        of: total,
        withRespectTo: targets.map(\.value)
    )
    for (target, gradient) in zip(targets, gradients) {
        switch gradient {
        case .dense(let value): traced.graph.output("d \(target.name)", value)
        case .rows(let rows):
            let dense = try traced.graph.densified(rows, like: target.value)
            traced.graph.output("d \(target.name)", dense)
        case nil: Issue.record("\(target.name) has no gradient")
        }
    }
    return traced.graph.graph
}

/// The greatest difference, relative to the greatest element of what is expected.
func relativeDifference(_ found: [Float], _ expected: [Float]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = expected.map { Double(abs($0)) }.max() ?? 0
    let worst = zip(found, expected).map { Double(abs($0 - $1)) }.max() ?? 0
    return worst / max(scale, 1e-12)
}
