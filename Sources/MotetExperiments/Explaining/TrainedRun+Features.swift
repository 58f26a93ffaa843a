import MotetData
import MotetTraining

extension TrainedRun {
    /// The columns of the prepared data behind each feature, the scenario among them where the model reads it.
    var featureColumns: [FeatureColumns] {
        let numeric = fitted.numericNames
        var features = experiment.features.map { feature in
            let places = numeric.indices.filter {
                numeric[$0] == feature.name || numeric[$0] == feature.name + "_missing"
            }
            return FeatureColumns(
                feature.name,
                feature.isFloat
                    ? [FeatureColumns.Part("numeric", elements: places)]
                    : [FeatureColumns.Part(feature.name)]
            )
        }
        if experiment.model.groupsByScenario {
            features.append(FeatureColumns("(scenario)", [FeatureColumns.Part("scenario")]))
        }
        return features
    }
}
