// One import for users: the parts of the package they name. The graph stays behind: its operations have
// the names of layers, and describing a model needs the layers only.
@_exported public import MotetCandidates
@_exported public import MotetConfiguration
@_exported public import MotetCore
@_exported public import MotetData
@_exported public import MotetDecisions
@_exported public import MotetEncoders
@_exported public import MotetExperiments
@_exported public import MotetFeatures
@_exported public import MotetForecasting
@_exported public import MotetMetrics
@_exported public import MotetMultiTask
@_exported public import MotetNN
@_exported public import MotetOneDNN
@_exported public import MotetOptimizers
@_exported public import MotetReports
@_exported public import MotetRanking
@_exported public import MotetRecommenders
@_exported public import MotetRetrieval
@_exported public import MotetSimulation
@_exported public import MotetTraining
