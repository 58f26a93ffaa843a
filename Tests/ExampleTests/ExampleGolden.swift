import Foundation
import Motet
import Testing

/// A model of an example computed by PyTorch: `Tests/Goldens/examples/<name>.safetensors`.
struct ExampleGolden {
    let file: SafetensorsFile

    init(_ name: String) throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("Goldens/examples/\(name).safetensors")
        file = try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
    }

    /// The batch; a label of -1 is missing, `x.values` and `x.offsets` are the lists of column `x`.
    func data() throws -> PreparedDataset {
        let columns = file.tensors.keys.sorted().compactMap {
            name -> (name: String, values: PreparedValues)? in
            guard name.hasPrefix("columns/"), let tensor = file.tensors[name] else { return nil }
            let column = String(name.dropFirst(8))
            if column.hasSuffix(".values") {
                return Self.lists(String(column.dropLast(7)), file.tensors)
            }
            guard !column.hasSuffix(".offsets") else { return nil }
            guard column.hasPrefix("label/") else {
                return (name: column, values: .tensor(tensor))
            }
            let labels = tensor.floats.map { $0 < 0 ? Float.nan : $0 }
            let width = tensor.shape.dropFirst().reduce(1, *)
            return (name: column, values: .floats(labels, width: width))
        }
        return try PreparedDataset(inMemory: columns)
    }

    private static func lists(
        _ column: String,
        _ tensors: [String: Tensor]
    ) -> (name: String, values: PreparedValues)? {
        guard let values = tensors["columns/\(column).values"],
            let offsets = tensors["columns/\(column).offsets"]
        else { return nil }
        let ends = offsets.integers
        let rows = zip(ends, ends.dropFirst()).map { Array(values.integers[Int($0)..<Int($1)]) }
        return (column, .ragged(rows))
    }

    /// Puts the golden's parameters in place; every parameter of the model must be there.
    func setParameters(of trainer: Trainer) throws {
        var store = trainer.parameters
        for parameter in trainer.model.parameters {
            let name = parameter.name
            let tensor = try #require(file.tensors["parameters/\(name)"], "\(name)")
            #expect(tensor.shape == parameter.shape, "\(name)")
            store[name] = tensor
        }
        trainer.parameters = store
    }

    /// The greatest difference from the golden's predictions, relative to the greatest of a task;
    /// `link` turns the golden's outputs into predictions.
    func predictionError(
        _ trainer: Trainer,
        link: (_ task: String, [Float]) -> [Float]
    ) throws -> Double {
        let predictions = try trainer.predict(data(), batchSize: 64)
        return try predictions.map { task, found in
            let expected = try #require(file.tensors["outputs/\(task)"], "\(task)")
            return Self.difference(found.floats, link(task, expected.floats))
        }
        .max() ?? .infinity
    }

    /// The greatest difference of a parameter's gradient, relative to its greatest element.
    ///
    /// One step of plain gradient descent with rate 1 takes the gradient off the parameters.
    func gradientErrors(_ trainer: Trainer) throws -> [(name: String, error: Double)] {
        let data = try data()
        let before = trainer.parameters
        _ = try trainer.fit(data, epochs: 1, batchSize: data.rowCount)
        let after = trainer.parameters
        return try trainer.model.parameters.filter(\.isTrained).map { parameter in
            let name = parameter.name
            let old = try #require(before[name]).floats
            let new = try #require(after[name]).floats
            let expected = try #require(file.tensors["gradients/\(name)"], "\(name)").floats
            return (name, Self.difference(zip(old, new).map { $0 - $1 }, expected))
        }
    }

    static func difference(_ found: [Float], _ expected: [Float]) -> Double {
        guard found.count == expected.count else { return .infinity }
        let scale = expected.map { Double(abs($0)) }.max() ?? 0
        let worst = zip(found, expected).map { Double(abs($0 - $1)) }.max() ?? 0
        return worst / max(scale, 1e-12)
    }
}
