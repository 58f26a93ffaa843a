import Foundation
import MotetCore
import MotetGraph
import MotetNN
import MotetOneDNN
import MotetRecommenders
import Testing

/// A multi-scenario model computed by PyTorch: `Tests/Goldens/scenarios/<name>.safetensors`, with our names of
/// parameters, and the batches all share.
struct ScenarioGolden: CustomTestStringConvertible, Sendable {
    static let fields = 6
    static let scenarios = 4
    static let rows = 32
    static let tasks = [TaskHead(name: "first"), TaskHead(name: "second")]
    let name: String
    let architecture: Architecture
    let towerUnits: [Int]
    let interactions: [Interaction]
    var testDescription: String { name }

    init(_ name: String, _ architecture: Architecture, towerUnits: [Int] = [5]) {
        self.name = name
        self.architecture = architecture
        self.towerUnits = towerUnits
        interactions = []
    }

    init(_ name: String, interactions: [Interaction]) {
        self.name = name
        architecture = .sharedBottom(units: [8, 6])
        towerUnits = [5]
        self.interactions = interactions
    }

    static let all =
        [
            ScenarioGolden("per_scenario", .perScenario(units: [8, 6])),
            ScenarioGolden("star", star),
            ScenarioGolden("pepnet", pepnet(.both), towerUnits: [6, 5]),
            ScenarioGolden("epnet", pepnet(.embedding), towerUnits: [6, 5]),
            ScenarioGolden("ppnet", pepnet(.parameters), towerUnits: [6, 5]),
            ScenarioGolden("hmoe", .hmoe(experts: 3, expertUnits: [8])),
            ScenarioGolden("m2m", m2m),
            ScenarioGolden("hamur", hamur),
            ScenarioGolden("m3oe", m3oe),
            ScenarioGolden("adasparse", adaSparse(.fusion, epsilon: 0.8)),
            ScenarioGolden("adasparse_binary", adaSparse(.binary, epsilon: 0.45)),
            ScenarioGolden("adasparse_scaling", adaSparse(.scaling, epsilon: 0.8)),
            ScenarioGolden(
                "sar_net",
                .sarNet {
                    $0.sharedExperts = 3
                    $0.scenarioExperts = 2
                    $0.expertUnits = [8, 6]
                }
            ),
            ScenarioGolden(
                "sar_net_bias",
                .sarNet {
                    $0.sharedExperts = 2
                    $0.scenarioExperts = 1
                    $0.expertUnits = [7]
                    $0.biasFeatures = ["field_1", "field_4"]
                }
            ),
        ] + interacting

    /// Interactions of features before a Shared-Bottom.
    private static let interacting = [
        ScenarioGolden("dcn", interactions: [.dcn(layers: 3)]),
        ScenarioGolden("dcn_v2", interactions: [.dcnV2(layers: 2, mixture: nil)]),
        ScenarioGolden(
            "dcn_v2_mixture",
            interactions: [.dcnV2(layers: 2, mixture: CrossMixture(experts: 3, rank: 4))]
        ),
        ScenarioGolden("autoint", interactions: [.autoInt(layers: 2, heads: 2, units: 3)]),
        ScenarioGolden("deepfm", interactions: [.fm]),
        ScenarioGolden(
            "lhuc",
            interactions: [
                .dcnV2(layers: 1, mixture: nil), .lhuc(features: ["field_0", "field_3"], units: 5),
            ]
        ),
    ]

    private static func adaSparse(_ form: AdaSparse.Form, epsilon: Float) -> Architecture {
        .adaSparse {
            $0.networkUnits = [8, 6]
            $0.scenarioDimension = 3
            $0.form = form
            $0.epsilon = epsilon
            $0.alphaGrowth = 0.02
            $0.alphaLimit = 1.6
            $0.sparsity = 0.5
            $0.sparsityGrowth = 0.01
            $0.leastSparsity = 0.2
            $0.greatestSparsity = 0.3
        }
    }

    private static let m3oe = Architecture.m3oe {
        $0.starUnits = [8, 6]
        $0.experts = 3
        $0.expertUnits = [7]
    }

    private static let m2m = Architecture.m2m {
        $0.experts = 3
        $0.expertUnits = [8, 6]
        $0.metaLayers = 2
        $0.knowledgeUnits = 4
        $0.scenarioDimension = 3
    }

    private static let hamur = Architecture.hamur {
        $0.bottomUnits = [8, 6]
        $0.adapterUnits = 5
        $0.rank = 3
        $0.hyperUnits = [7]
    }

    private static let star = Architecture.star {
        $0.starUnits = [8, 6]
        $0.auxiliaryUnits = [4]
        $0.scenarioDimension = 3
    }

    private static func pepnet(_ gates: PEPNet.Gates) -> Architecture {
        .pepnet {
            $0.gates = gates
            $0.priorFeatures = ["field_0", "field_2"]
            $0.gateUnits = 6
            $0.scenarioDimension = 3
        }
    }

    static func file(_ name: String) throws -> SafetensorsFile {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let url = folder.appendingPathComponent("Goldens/scenarios/\(name).safetensors")
        return try SafetensorsFile(bytes: [UInt8](Data(contentsOf: url)), name: name)
    }

    func model() throws -> Model {
        let features = (0..<Self.fields).map {
            FeatureInput(name: "field_\($0)", vocabularySize: 20, dimension: 4)
        }
        return try architecture.model(
            features: FeatureInputs(
                features: features,
                numericWidth: 3,
                interactions: interactions
            ),
            tasks: Self.tasks,
            towers: TowerSettings(units: towerUnits),
            scenarios: Self.scenarios
        )
    }

    /// The golden's tensor for one of our parameters.
    static func tensor(
        _ file: SafetensorsFile,
        _ kind: String,
        _ parameter: ParameterDescription
    ) throws -> Tensor {
        let name = "\(kind)/\(parameter.name)"
        let tensor = try #require(file.tensors[name], "\(name)")
        #expect(tensor.shape == parameter.shape, "\(name)")
        return tensor
    }

    /// Parameters of the golden; statistics start as a new model's do.
    func states(_ file: SafetensorsFile, _ model: Model) throws -> StateStore {
        let states = StateStore()
        for parameter in model.parameters {
            let value =
                parameter.isTrained
                ? try Self.tensor(file, "parameters", parameter)
                : parameter.initializer.tensor(
                    shape: parameter.shape,
                    key: RandomKey(seed: 1)
                )
            states.set(parameter.name, value)
        }
        return states
    }

    /// The inputs of one batch by the names of a training program.
    static func batch(_ file: SafetensorsFile, _ step: Int) throws -> [String: Tensor] {
        let ids = try #require(file.tensors["ids"]).integers
        let numeric = try #require(file.tensors["numeric"]).floats
        let labels = try #require(file.tensors["labels"]).floats
        let offsets = try #require(file.tensors["offsets"]).integers
        let (rows, width) = (Self.rows, Self.scenarios + 1)
        var inputs: [String: Tensor] = [:]
        for field in 0..<fields {
            inputs["field_\(field)"] = Tensor(
                (0..<rows).map { ids[(step * rows + $0) * fields + field] }
            )
        }
        inputs["numeric"] = Tensor(
            Array(numeric[(step * rows * 3)..<((step + 1) * rows * 3)]),
            shape: [rows, 3]
        )
        inputs[ScenarioOffsets.name] = Tensor(
            Array(offsets[(step * width)..<((step + 1) * width)])
        )
        for (task, head) in tasks.enumerated() {
            inputs["label/\(head.name)"] = Tensor(
                (0..<rows).map { labels[(step * rows + $0) * 2 + task] }
            )
        }
        return inputs
    }
}

/// Runs a program on tensors given by name.
func runOnce(
    _ executable: any Executable,
    _ inputs: [String: Tensor],
    rows: Int,
    sizes: [SizeSymbol: Int] = [:],
    step: Int32 = 1,
    rate: Float = 0
) throws {
    var inputs = inputs
    inputs["step"] = Tensor([step], shape: [])
    inputs["learning_rate"] = Tensor([rate], shape: [])
    executable.setSizes(sizes.merging([.batch: rows]) { $1 })
    let memory = executable.graph.inputs.map { _ in
        UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 64)
    }
    defer { memory.forEach { $0.deallocate() } }
    for (index, input) in executable.graph.inputs.enumerated() {
        let tensor = try #require(inputs[input.name], "input \(input.name)")
        tensor.withBytes { bytes in
            if let base = bytes.baseAddress {
                memory[index].copyMemory(from: base, byteCount: bytes.count)
            }
        }
        executable.bind(index, to: memory[index])
    }
    executable.run()
}
